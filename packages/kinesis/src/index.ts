export { kinesisConnector } from './kinesis-connector.ts'
