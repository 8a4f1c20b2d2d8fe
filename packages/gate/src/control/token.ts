import { randomBytes } from 'node:crypto'

/** 192 random bits: who has it may control the parts of a run. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}
