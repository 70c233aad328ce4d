# The registries: one file in the folder = one entry (see lf_collect).
lf_collect(model      model/archs        ArchEntry      "model/arch.h")
lf_collect(optim      optim/methods      OptimizerEntry "optim/optimizer.h" optimizers)
lf_collect(optim      optim/schedules    ScheduleEntry  "optim/schedule.h")
lf_collect(adapters   adapters/methods   MethodEntry    "adapters/method.h"   adapter_methods)
lf_collect(templates  templates/tool_formats ToolFormatEntry "templates/tool_format.h")
lf_collect(templates  templates/styles StyleEntry   "templates/style.h")
lf_collect(data       data/formats       FormatEntry    "data/format.h")
lf_collect(cli        cli/commands       CommandEntry   "cli/command.h")
