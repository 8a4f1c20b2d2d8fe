/** The topics that the benches move records between, and the type of the records. */
export const TOPIC_IN = 'bench.in'
export const TOPIC_OUT = 'bench.out'
export const VALUE_TYPE = 'bench/record'
