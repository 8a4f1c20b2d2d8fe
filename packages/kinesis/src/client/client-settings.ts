/** Where the credentials of a client come from. */
export type CredentialSettings =
  /** The SDK's chain: environment, profile, web identity (IRSA), container, machine. */
  | { readonly type: 'default' }
  | { readonly type: 'environment' }
  | { readonly type: 'basic'; readonly accessKeyId: string; readonly secretAccessKey: string }
  | {
      readonly type: 'profile'
      /** Undefined: `AWS_PROFILE`, or `default`. */
      readonly name: string | undefined
      /** Undefined: `~/.aws/credentials` and `~/.aws/config`. */
      readonly path: string | undefined
    }
  | {
      readonly type: 'role'
      readonly arn: string
      readonly sessionName: string
      readonly externalId: string | undefined
      readonly stsEndpoint: string | undefined
      /** What the role is assumed with. */
      readonly source: CredentialSettings
    }
  | {
      readonly type: 'web-identity'
      /** Undefined ones come from `AWS_ROLE_ARN`, `AWS_ROLE_SESSION_NAME` and `AWS_WEB_IDENTITY_TOKEN_FILE`. */
      readonly roleArn: string | undefined
      readonly sessionName: string | undefined
      readonly tokenFile: string | undefined
    }

/** How a client talks HTTP. Times are milliseconds. */
export interface HttpSettings {
  /** 2 only over https: no client speaks it in the clear. */
  readonly version: 1 | 2
  readonly connectTimeoutMs: number
  /** From the request to the end of the answer. */
  readonly requestTimeoutMs: number
  readonly maxConnections: number
  /** `http://user:password@host:port` */
  readonly proxy: string | undefined
  /** Hosts that are reached without the proxy, separated by commas. */
  readonly noProxy: string | undefined
  readonly verifyCertificates: boolean
}

/** What module.yaml says about the client of an ingress or egress (contract 4.5). */
export interface ClientSettings {
  /** Undefined: `AWS_REGION`, `AWS_DEFAULT_REGION` or that of the profile. */
  readonly region: string | undefined
  /** Undefined: that of the region. */
  readonly endpoint: string | undefined
  readonly credentials: CredentialSettings
  readonly http: HttpSettings
  /** Stands in the user agent of every request. */
  readonly userAgent: string | undefined
}
