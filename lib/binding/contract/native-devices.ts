/** Accelerators, and what a device reaches at best. */

/** What an opened accelerator holds and has done since. */
export interface NativeAcceleratorUsage {
  /** After a failure: it answers nothing any more. */
  lost: boolean;
  tableBytes: number;
  historyBytes: number;
  historyBudgetBytes: number;
  /** Histories with something on the device now. */
  histories: number;
  /** Taken off the device to keep the budget. */
  historiesEvicted: number;
  /** Sent whole. */
  historiesUploaded: number;
  /** Sent as far as they had changed. */
  historiesUpdated: number;
  uploadedBytes: number;
  /** Searches that the CPU answered instead: by category, with k above 1024, of embeddings too wide. */
  cpuSearches: number;
  /** Rows that kernels looked at beyond their estimates. */
  visitedRows: number;
  /** Candidate buffers that kernels compacted. */
  compactions: number;
  /** Targets whose list of candidates was too short, so that all rows were visited. */
  listOverflows: number;
  /** CUDA graphs of requests whose shape came again, on the device now. */
  graphs: number;
  /** Graphs made. */
  graphCaptures: number;
  /** Requests that went to the device as one graph. */
  graphReplays: number;
}

export interface NativeAccelerator {
  /** `cuda:` and its index. */
  name: string;
  model: string;
  /** Compute capability. */
  compute: string;
  multiprocessors: number;
  /** Bytes. */
  memory: number;
  /** Left out until something has been put on the device. */
  usage?: NativeAcceleratorUsage;
}

export interface NativeAccelerators {
  devices: NativeAccelerator[];
  /** Why there are none; empty where there are some. */
  reason: string;
  /** Newest CUDA that the driver serves, 12040 is 12.4; 0: no driver. */
  driverVersion: number;
  /** CUDA that the binary was made with; 0: none. */
  runtimeVersion: number;
}

export interface NativeDevicesBinding {
  /** Asks the driver, once; opens no device. */
  describeAccelerators(): NativeAccelerators;
  /**
   * Operations (two a multiply-add) or bytes per second that a device reaches with loops of the
   * instruction set in use that do nothing else, while the caller waits; 0 where there is no such loop.
   */
  measurePeak(
    /** One of PEAK_CODES. */
    peak: number,
    threads: number,
    /** Read by all threads together, for `read`. */
    bytes: number,
    milliseconds: number,
    /** CPU_DEVICE, or the index of an accelerator, which is measured whole. */
    device: number,
  ): number;
}
