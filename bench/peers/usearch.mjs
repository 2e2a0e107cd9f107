// usearch: exact search in float32.
import usearch from 'usearch';

export default [{ name: 'usearch exact', package: 'usearch', slow: true, open }];

function open({ history, dim, k, threads }) {
  return {
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
