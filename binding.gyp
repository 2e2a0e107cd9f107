{
  "includes": ["native/sources.gypi"],
  "variables": {
    # One of "", "address,undefined" and "thread"; native/sanitize.sh sets it.
    "kleio_sanitize%": "",
    # "none", or "software": a device in host memory in place of a GPU, for tests.
    "kleio_device%": "none"
  },
  "targets": [
    {
      "target_name": "kleio",
      "sources": ["<@(kleio_sources)"],
      "include_dirs": ["native", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": [
        "NAPI_VERSION=8",
        "NAPI_CPP_EXCEPTIONS",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "KLEIO_VERSION=\"<!(node -p \"require('./package.json').version\")\"",
        "KLEIO_BUILD=\"<(OS)-<(target_arch) -std=c++20 -O3\""
      ],
      "cflags!": ["-fno-exceptions", "-O2"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17"],
      "cflags": ["-O3", "-Wall", "-Wextra", "-Wconversion", "-ffp-contract=off", "-fvisibility=hidden"],
      "cflags_cc": ["-std=c++20", "-fexceptions", "-fvisibility-inlines-hidden"],
      "conditions": [
        [
          "kleio_device == 'software'",
          {"sources": ["<@(kleio_device_sources)", "<@(kleio_software_device_sources)"]},
          {"sources": ["<@(kleio_cpu_only_sources)"]}
        ],
        [
          "kleio_sanitize != ''",
          {
            "cflags": ["-fsanitize=<(kleio_sanitize)", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer", "-g"],
            "ldflags": ["-fsanitize=<(kleio_sanitize)"]
          }
        ]
      ]
    }
  ]
}
