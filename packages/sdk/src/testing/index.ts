/**
 * Tests functions in memory, in virtual time, without a server.
 *
 * @module
 */
export { Effects } from './effects.ts'
export { EmittedRecord } from './emitted-record.ts'
export { SentLater, SentMessage } from './sent-message.ts'
export { FunctionTest, type TestFunctionOptions, testFunction } from './test-function.ts'
export { createTestKit, type InvokeOptions, TestKit } from './test-kit.ts'
