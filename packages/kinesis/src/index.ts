export { deaggregate, type SubRecord } from './aggregate/deaggregate.ts'
export { kinesisConnector } from './kinesis-connector.ts'
