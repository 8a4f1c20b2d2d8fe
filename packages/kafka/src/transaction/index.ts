export { TransactionDriver, type TransactionDriverOptions } from './transaction-driver.ts'
export { SessionError, type SessionTrouble, type TransactionSession } from './transaction-session.ts'
