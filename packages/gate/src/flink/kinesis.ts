/**
 * System properties with which the Kinesis ingress of Stateful Functions 3.3.0 reads from LocalStack: it takes `https`
 * endpoints alone, and LocalStack's certificate is its own. LocalStack's Kinesis also gives times that only JSON can hold.
 */
export const KINESIS_WITHOUT_CERTIFICATE: Readonly<Record<string, string>> = {
  'org.apache.flink.kinesis.shaded.com.amazonaws.sdk.disableCertChecking': 'true',
  'org.apache.flink.kinesis.shaded.com.amazonaws.sdk.disableCbor': 'true',
}
