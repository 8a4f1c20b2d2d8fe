/**
 * `node:http`, not by `import`: that asks for all of its exports, and so loads the client behind `WebSocket`, 10 MB that
 * nothing here uses.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
