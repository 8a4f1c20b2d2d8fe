import fc from 'fast-check'

/**
 * Random tests draw the same values in every run, so that a red run is about the change it tests. `FUZZ_SEED=random` draws
 * others (a failure prints its seed), `FUZZ_SEED=<number>` repeats a run.
 */
const { FUZZ_SEED = '20261123' } = process.env
if (FUZZ_SEED !== 'random') fc.configureGlobal({ seed: Number(FUZZ_SEED) })
