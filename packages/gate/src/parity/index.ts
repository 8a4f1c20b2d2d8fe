/**
 * Parity: one stream through two engines, and the first difference in what comes out.
 *
 * @module
 */
export { checkParity, type DescribeValue, type Divergence, firstDivergence } from './divergence.ts'
export { type OutputJson, outputFromJson, outputToJson } from './output-json.ts'
export { type ParityStream, type RecordOutputOptions, recordOutput } from './record-output.ts'
export type { RecordedOutput } from './recorded-output.ts'
