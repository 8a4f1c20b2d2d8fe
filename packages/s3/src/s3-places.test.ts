import { openCheckpointPlace } from '@statefun/engine'
import { expect, it } from 'vitest'
import { s3Places } from './s3-places.ts'

it('serves s3: URLs, without connecting', async () => {
  const place = openCheckpointPlace('s3://my-bucket/shop?region=eu-test-1', [s3Places()])
  expect(place.url).toBe('s3://my-bucket/shop')
  expect(place.storage('shop').identity.app).toBe('shop')
  await place.close()
})

it('serves no others, and names what is wrong with one', () => {
  expect(s3Places()(new URL('gs://my-bucket/shop'))).toBeUndefined()
  expect(() => openCheckpointPlace('s3://my-bucket/shop?region=x&regio=y', [s3Places()])).toThrow(
    expect.objectContaining({ code: 'SF_S3_URL', hint: 'did you mean "region"?' }),
  )
})
