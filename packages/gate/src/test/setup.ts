// Run by the gate before each test file, whatever `test` that imports.
import { beforeEach } from 'vitest'
import { notApplicable } from '../topology/capability.ts'
import { deployment } from './provided.ts'

beforeEach(({ task, skip }) => {
  const { capabilities, engineTitle } = deployment()
  const reason = notApplicable(task.tags ?? [], task.meta.needs ?? [], capabilities, engineTitle)
  if (reason !== undefined) skip(reason)
})
