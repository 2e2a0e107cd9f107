{
  "includes": ["native/sources.gypi"],
  "variables": {
    # One of "", "address,undefined" and "thread"; native/sanitize.sh sets it.
    "kleio_sanitize%": "",
    # "yes": also what only tests run, over the objects that the package's binary is made of.
    "kleio_tests%": "no",
    # "yes": a warning is an error.
    "kleio_warnings_fail%": "no",
    "kleio_addon_includes": ["<!(node -p \"require('node-addon-api').include_dir\")"],
    "kleio_addon_defines": [
      "NAPI_VERSION=8",
      "NAPI_CPP_EXCEPTIONS",
      "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
    ],
    "kleio_module_defines": [
      "KLEIO_VERSION=\"<!(node -p \"require('./package.json').version\")\"",
      "KLEIO_BUILD=\"<(OS)-<(target_arch) -std=c++20\""
    ]
  },
  "target_defaults": {
    "include_dirs": ["native"],
    "cflags!": ["-fno-exceptions", "-O2"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17"],
    "cflags": ["-fPIC", "-O3", "-Wall", "-Wextra", "-Wconversion", "-ffp-contract=off", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility-inlines-hidden"],
    # Objects lie where the archive says, not a second time in it.
    "standalone_static_library": 0,
    "conditions": [
      # Not in "cflags", where node-gyp's own settings take it out.
      ["kleio_warnings_fail == 'yes'", {"cflags_cc": ["-Werror"]}],
      [
        "kleio_sanitize != ''",
        {
          # Optimised any further, instrumented code takes five times as long to compile.
          "cflags!": ["-O3"],
          "cflags": ["-fsanitize=<(kleio_sanitize)", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-O1", "-g1"],
          "ldflags": ["-fsanitize=<(kleio_sanitize)"]
        }
      ]
    ]
  },
  "targets": [
    {
      # All but the module's entry and the devices beside the CPU.
      "target_name": "kleio_common",
      "type": "static_library",
      "sources": ["<@(kleio_sources)"],
      "include_dirs": ["<@(kleio_addon_includes)"],
      "defines": ["<@(kleio_addon_defines)"]
    },
    {
      "target_name": "kleio",
      "dependencies": ["kleio_common"],
      "sources": ["<@(kleio_module_sources)", "<@(kleio_cpu_only_sources)"],
      "include_dirs": ["<@(kleio_addon_includes)"],
      "defines": ["<@(kleio_addon_defines)", "<@(kleio_module_defines)"]
    }
  ],
  "conditions": [
    [
      "kleio_tests == 'yes'",
      {
        "targets": [
          {
            # The host side of a device, the same for every kind of device.
            "target_name": "kleio_device",
            "type": "static_library",
            "sources": ["<@(kleio_device_sources)"]
          },
          {
            # A device in host memory in place of a GPU.
            "target_name": "software_device",
            "type": "static_library",
            "sources": ["<@(kleio_software_device_sources)"]
          },
          {
            # The addon over that device.
            "target_name": "kleio_software",
            "dependencies": ["kleio_common", "kleio_device", "software_device"],
            "sources": ["<@(kleio_module_sources)", "<@(kleio_software_only_sources)"],
            "include_dirs": ["<@(kleio_addon_includes)"],
            "defines": ["<@(kleio_addon_defines)", "<@(kleio_module_defines)"]
          },
          {
            "target_name": "kernel_tests",
            "type": "executable",
            "dependencies": ["kleio_common", "kleio_device", "software_device"],
            "sources": ["<@(kleio_kernel_test_sources)"]
          },
          {
            "target_name": "stress",
            "type": "executable",
            "dependencies": ["kleio_common"],
            "sources": ["native/stress/stress.cc", "<@(kleio_cpu_only_sources)"]
          }
        ]
      }
    ]
  ]
}
