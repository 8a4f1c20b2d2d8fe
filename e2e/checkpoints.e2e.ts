import { expect, test } from '@statefun/gate/test'
import { addTo } from './kit/add-to.ts'
import { newId } from './kit/new-id.ts'

test('checkpoints lie in the bucket', {
  tags: ['kafka', 'state'],
  meta: { needs: ['s3-checkpoints'] },
}, async ({ app, kafka, s3 }) => {
  const { checkpoints } = await app.status()
  await kafka.send('counter.commands', addTo(newId('checkpoint'), 1n))
  await app.until((status) => status.checkpoints > checkpoints)
  const objects = await s3.list()
  expect(objects.length).toBeGreaterThan(0)
})
