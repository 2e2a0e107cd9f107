{
  "includes": ["native/sources.gypi"],
  "variables": {
    # One of "", "address,undefined" and "thread"; native/sanitize.sh sets it. Twice: the condition below
    # needs it from the outer scope.
    "variables": {"kleio_sanitize%": ""},
    "kleio_sanitize%": "<(kleio_sanitize)",
    # "yes": also what only tests run, over the objects that the package's binary is made of.
    "kleio_tests%": "no",
    # "yes": a warning is an error.
    "kleio_warnings_fail%": "no",
    "kleio_cflags": ["-fPIC", "-Wall", "-Wextra", "-Wconversion", "-Werror=switch", "-ffp-contract=off", "-fvisibility=hidden"],
    "kleio_cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility-inlines-hidden"],
    # Optimised as far as -O3, instrumented code takes five times as long to compile, and by -O1 a third longer
    # than by -Og, which only code that runs long makes up for. Null pointers and the ends of objects are
    # AddressSanitizer's: asked twice, they take an eighth of it.
    "kleio_sanitize_cflags": [
      "-fsanitize=<(kleio_sanitize)", "-fno-sanitize=null,object-size", "-fno-sanitize-recover=undefined",
      "-fno-omit-frame-pointer", "-Og", "-g1"
    ],
    "kleio_long_running_cflags%": [],
    # Under a sanitizer: what compiles the standard library's headers first, and where they lie then.
    "kleio_before%": [],
    "kleio_standard_headers": "<(module_root_dir)/build/standard_headers",
    "conditions": [
      [
        "kleio_sanitize != ''",
        {"kleio_before": ["standard_headers"], "kleio_long_running_cflags": ["-O1"]}
      ]
    ],
    # Not "include_dirs": what a compiler has to say of these headers is not ours to answer.
    "kleio_addon_cflags": ["-isystem", "<!(node -p \"path.resolve(require('node-addon-api').include_dir)\")"],
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
    "cflags": ["<@(kleio_cflags)", "-O3"],
    "cflags_cc": ["<@(kleio_cflags_cc)"],
    # Objects lie where the archive says, not a second time in it.
    "standalone_static_library": 0,
    "conditions": [
      # What users get has no assertions; what is instrumented keeps them.
      ["kleio_sanitize == ''", {"configurations": {"Release": {"defines": ["NDEBUG"]}}}],
      # Not in "cflags", where node-gyp's own settings take it out.
      ["kleio_warnings_fail == 'yes'", {"cflags_cc": ["-Werror"]}],
      [
        "kleio_sanitize != ''",
        {
          "cflags!": ["-O3"],
          "cflags": ["<@(kleio_sanitize_cflags)"],
          "cflags_cc": ["-I<(kleio_standard_headers)", "-I<(module_root_dir)/native/tools", "-include", "standard_headers.h", "-Winvalid-pch", "-Wno-error=invalid-pch", "-Wno-error=maybe-uninitialized"],
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
      "dependencies": ["<@(kleio_before)"],
      "sources": ["<@(kleio_sources)"],
      "cflags_cc": ["<@(kleio_addon_cflags)"],
      "defines": ["<@(kleio_addon_defines)"]
    },
    {
      "target_name": "kleio",
      "dependencies": ["<@(kleio_before)", "kleio_common"],
      "sources": ["<@(kleio_module_sources)", "<@(kleio_cpu_only_sources)"],
      "cflags_cc": ["<@(kleio_addon_cflags)"],
      "defines": ["<@(kleio_addon_defines)", "<@(kleio_module_defines)"]
    }
  ],
  "conditions": [
    [
      "kleio_sanitize != ''",
      {
        "targets": [
          {
            "target_name": "standard_headers",
            "type": "none",
            "actions": [
              {
                "action_name": "standard_headers",
                "inputs": ["native/tools/standard_headers.h"],
                "outputs": ["<(kleio_standard_headers)/standard_headers.h.gch"],
                # With the flags that node-gyp adds: where others are added, the compiler reads the headers themselves.
                "action": [
                  "$(CXX.target)", "-x", "c++-header", "<@(_inputs)", "-o", "<@(_outputs)",
                  "<@(kleio_cflags)", "<@(kleio_cflags_cc)", "<@(kleio_sanitize_cflags)", "-pthread", "-m64",
                  "-D_GLIBCXX_USE_CXX11_ABI=1", "-D_FILE_OFFSET_BITS=64", "-D_LARGEFILE_SOURCE", "-D__STDC_FORMAT_MACROS"
                ]
              }
            ]
          }
        ]
      }
    ],
    [
      "kleio_tests == 'yes'",
      {
        "targets": [
          {
            # The host side of a device, the same for every kind of device.
            "target_name": "kleio_device",
            "type": "static_library",
            "dependencies": ["<@(kleio_before)"],
            "sources": ["<@(kleio_device_sources)"]
          },
          {
            # A device in host memory in place of a GPU. Of its sources, and of the tests of kernels, the one that
            # takes longest to compile stands first.
            "target_name": "software_device",
            "type": "static_library",
            "dependencies": ["<@(kleio_before)"],
            "sources": ["<@(kleio_software_device_sources)"],
            "cflags": ["<@(kleio_long_running_cflags)"]
          },
          {
            # The addon over that device.
            "target_name": "kleio_software",
            "dependencies": ["<@(kleio_before)", "kleio_common", "kleio_device", "software_device"],
            "sources": ["<@(kleio_module_sources)", "<@(kleio_software_only_sources)"],
            "cflags_cc": ["<@(kleio_addon_cflags)"],
            "defines": ["<@(kleio_addon_defines)", "<@(kleio_module_defines)"]
          },
          {
            "target_name": "kernel_tests",
            "type": "executable",
            "dependencies": ["<@(kleio_before)", "kleio_common", "kleio_device", "software_device"],
            "sources": ["<@(kleio_kernel_test_sources)"],
            "cflags": ["<@(kleio_long_running_cflags)"]
          },
          {
            "target_name": "stress",
            "type": "executable",
            "dependencies": ["<@(kleio_before)", "kleio_common", "kleio_device", "software_device"],
            "sources": ["native/stress/growing_table.cc", "native/stress/stress.cc", "<@(kleio_software_only_sources)"]
          }
        ]
      }
    ]
  ]
}
