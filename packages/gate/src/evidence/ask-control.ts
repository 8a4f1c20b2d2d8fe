import { StatefunError } from '@statefun/protocol'
import type { ControlAccess } from '../topology/deployment-access.ts'

/**
 * A GET below a deployment's path of the control server.
 *
 * @throws StatefunError `SF_GATE_EVIDENCE` when nobody answers, or not with what was asked for
 */
export async function askControl(
  { url, token }: ControlAccess,
  path: string,
  signal: AbortSignal,
): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` }, signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new StatefunError('SF_GATE_EVIDENCE', 'the process that holds the parts does not answer', {
      where: url + path,
      cause,
    })
  }
  if (response.ok) return response
  const text = (await response.text()).trim()
  throw new StatefunError('SF_GATE_EVIDENCE', `HTTP ${response.status} ${text}`, { where: url + path })
}
