/** What the programs of bench/native and bench/gpu print: one object a line. */

/** tensor_core_rates, and `torch_peers.py peaks`. */
export interface Rate {
  readonly probe: string;
  readonly value: number;
  readonly unit: string;
}

/** search_times: one shape, searched in one way. Microseconds of the device, warm unless said otherwise. */
export interface DeviceTimes {
  readonly rows: number;
  readonly targets: number;
  readonly dim: number;
  readonly k: number;
  readonly dtype: string;
  readonly search: 'blocks' | 'lists';
  readonly scanUs: number;
  readonly selectUs: number;
  readonly searchUs: number;
  readonly searchColdUs: number;
  readonly oneLaunchUs: number;
}

/** `torch_peers.py search` and `attention`. */
export interface PeerTime {
  readonly peer: string;
  readonly targets: number;
  readonly length?: number;
  readonly dtype?: string;
  readonly warmUs: number | null;
  readonly coldUs?: number | null;
  readonly reason?: string;
}
