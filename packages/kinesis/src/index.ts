export { kinesisSink } from './kinesis-sink.ts'
