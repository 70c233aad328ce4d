# lf_embed(ROOM NAME FOLDER PATTERN): puts the files of FOLDER into the binary as `std::span<const EmbeddedFile> lf::embedded_NAME()`.
function(lf_embed room name folder pattern)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/${folder}/${pattern}")
  set(out "${CMAKE_BINARY_DIR}/generated/embedded_${name}.cpp")
  add_custom_command(OUTPUT "${out}"
    COMMAND python3 "${CMAKE_SOURCE_DIR}/tools/embed.py" "${out}" ${name} ${files}
    DEPENDS ${files} "${CMAKE_SOURCE_DIR}/tools/embed.py" VERBATIM)
  set(LF_COLLECTED_${room} ${LF_COLLECTED_${room}} "${out}" PARENT_SCOPE)
endfunction()
lf_embed(templates templates resources/templates "*.yaml")
lf_embed(templates html resources/html "*.tsv")
lf_embed(model models resources/models "*.tsv")
lf_embed(stages gguf resources/gguf "*.t*")
