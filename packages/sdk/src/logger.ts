/** Where the SDK reports: the part of pino's interface it uses, so a pino logger fits as it is. */
export interface Logger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The default {@link Logger}: one line of JSON per report on standard error. */
export const consoleLogger: Logger = {
  info: (fields, message) => write('info', fields, message),
  warn: (fields, message) => write('warn', fields, message),
  error: (fields, message) => write('error', fields, message),
}

function write(level: string, fields: object, message: string): void {
  console.error(JSON.stringify({ level, time: new Date().toISOString(), message, ...fields }))
}
