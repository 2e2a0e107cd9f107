// usearch: exact search in float32.
import usearch from 'usearch';

export function usearchExact({ history, dim, k, threads }) {
  return {
    name: 'usearch exact float32',
    search(targets) {
      const { keys, distances } = usearch.exactSearch(
        history,
        targets,
        dim,
        k,
        usearch.MetricKind.IP,
        threads,
      );
      return { positions: keys, scores: distances.map((distance) => 1 - distance) };
    },
    close() {},
  };
}
