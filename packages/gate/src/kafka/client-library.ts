type ClientLibrary = typeof import('@platformatic/kafka')

/**
 * The Kafka client library, loaded in half the time. It compiles a validator for the options of each of its clients when it is
 * loaded, 200 ms of CPU time in each of the threads that run tests; here a validator is compiled when it is used for the first
 * time.
 */
export const clientLibrary: ClientLibrary = await load()

async function load(): Promise<ClientLibrary> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const { prototype } = Ajv2020
  const eager = prototype.compile
  prototype.compile = function (this: Compiler, schema: unknown): Validator {
    let compiled: Validator | undefined
    const validate: Validator = (data) => {
      compiled ??= (eager as Compiler['compile']).call(this, schema)
      const valid = compiled(data)
      validate.errors = compiled.errors
      return valid
    }
    return validate
  } as typeof eager
  try {
    return await import('@platformatic/kafka')
  } finally {
    prototype.compile = eager
  }
}

/** What the library uses of a validator. */
interface Validator {
  (data: unknown): unknown
  errors?: unknown
}

interface Compiler {
  compile(schema: unknown): Validator
}
