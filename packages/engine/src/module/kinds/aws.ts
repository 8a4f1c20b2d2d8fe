import type { AwsCredentials, AwsRegion } from '../model.ts'
import { optional, type Reader, required } from '../readers/reader.ts'
import { scalar, text } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'

const endpoint = scalar('a URL', (value) =>
  /^https?:\/\/[^\s]+$/i.test(value) && URL.canParse(value)
    ? { value }
    : { expected: 'an http or https URL', hint: 'write for example https://localhost:4567' },
)

/** `awsRegion` (contract 4.5). Apache's StateFun takes https endpoints only. */
export const awsRegion: Reader<AwsRegion> = variant({
  cases: {
    default: plainCase<AwsRegion>({ type: 'default' }),
    specific: variantCase({
      fields: { id: required(text, 'Id of the region, for example us-west-2.') },
      mistakes: { endpoint: 'an endpoint needs type: custom-endpoint' },
      build: ({ values }): AwsRegion => ({ type: 'specific', id: values.id }),
    }),
    'custom-endpoint': variantCase({
      fields: {
        endpoint: required(endpoint, 'URL of the service.'),
        id: required(text, 'Id of the region.'),
      },
      build({ values, valueOffset }, context): AwsRegion | undefined {
        if (context.target === 'flink-apache' && !/^https:/i.test(values.endpoint)) {
          const message = 'Apache StateFun takes a custom endpoint over https only'
          context.error('SF_MODULE_FLINK_REFUSES', valueOffset('endpoint'), message)
        }
        return { type: 'custom-endpoint', endpoint: values.endpoint, id: values.id }
      },
    }),
  },
  mistakes: { custom: 'write custom-endpoint', region: 'write specific' },
})

/** `awsCredentials` (contract 4.5). */
export const awsCredentials: Reader<AwsCredentials> = variant({
  cases: {
    default: plainCase<AwsCredentials>({ type: 'default' }),
    basic: variantCase({
      fields: {
        accessKeyId: required(text, 'Id of the access key.'),
        secretAccessKey: required(text, 'The secret access key.'),
      },
      build: ({ values }): AwsCredentials => ({ type: 'basic', ...values }),
    }),
    profile: variantCase({
      fields: {
        profileName: required(text, 'Name of the profile.'),
        profilePath: optional(text, 'Path of the profile file.'),
      },
      mistakes: { profile: 'write profileName', path: 'write profilePath' },
      build: ({ values }): AwsCredentials => ({
        type: 'profile',
        profileName: values.profileName,
        profilePath: values.profilePath,
      }),
    }),
  },
})
