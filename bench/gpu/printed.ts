/** What the programs of bench/native and bench/gpu print: one object a line. */

/** tensor_core_rates. */
export interface Rate {
  readonly probe: string;
  readonly value?: number;
  readonly unit?: string;
  readonly skipped?: string;
}

/** search_times: one shape, searched in one way. Microseconds of the device, warm unless said otherwise. */
export interface DeviceTimes {
  readonly rows: number;
  readonly targets: number;
  readonly dim: number;
  readonly k: number;
  readonly dtype: string;
  readonly search: 'blocks' | 'lists';
  readonly select: 'block' | 'warp';
  /** By lists. */
  readonly append?: 'mma' | 'wgmma';
  /** In place of times: why there are none. */
  readonly skipped?: string;
  readonly searchUs?: number;
  readonly searchColdUs?: number;
  /** By blocks. */
  readonly scanUs?: number;
  readonly oneLaunchUs?: number;
  /** By lists. */
  readonly sampleUs?: number;
  readonly thresholdUs?: number;
  readonly appendUs?: number;
  readonly selectUs?: number;
}

/** `torch_peers.py peaks`. */
export interface PeerPeak {
  readonly peer: 'peak';
  readonly name: 'copy' | 'bfloat16 product' | 'int8 product';
  readonly value?: number;
  readonly unit?: string;
  readonly reason?: string;
}

/** `torch_peers.py search` and `attention`. Microseconds of the device. */
export interface PeerTime {
  readonly peer: 'search' | 'attention';
  readonly way: 'eager' | 'compiled';
  readonly targets: number;
  readonly length?: number;
  readonly dtype?: string;
  readonly us?: number;
  readonly coldUs?: number;
  readonly reason?: string;
}
