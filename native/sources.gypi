{
  "variables": {
    "kleio_sources": [
      "native/core/error.cc",
      "native/core/history.cc",
      "native/core/id_index.cc",
      "native/core/mapped_file.cc",
      "native/core/processors.cc",
      "native/core/row_slots.cc",
      "native/core/table.cc",
      "native/core/thread_pool.cc",
      "native/addon/arguments.cc",
      "native/addon/completion_channel.cc",
      "native/addon/environment.cc",
      "native/addon/guard.cc",
      "native/addon/history.cc",
      "native/addon/module.cc",
      "native/addon/process_runtime.cc",
      "native/addon/search_job.cc",
      "native/addon/search_request.cc",
      "native/addon/table.cc",
      "native/addon/top_k.cc"
    ]
  }
}
