// Made by scripts/flink-keys/FlinkKeys.java from the jars of Flink 1.16.2; one key a line, behind an older one the key that
// replaces it.
export const FLINK_1_16_KEYS = `
$internal.application.main
$internal.application.program-args
$internal.deployment.config-dir
$internal.pipeline.job-id
$internal.yarn.log-config-file
<parameter>
akka.ask.callstack
akka.ask.timeout
akka.client-socket-worker-pool.pool-size-factor
akka.client-socket-worker-pool.pool-size-max
akka.client-socket-worker-pool.pool-size-min
akka.client.timeout
akka.fork-join-executor.parallelism-factor
akka.fork-join-executor.parallelism-max
akka.fork-join-executor.parallelism-min
akka.framesize
akka.jvm-exit-on-fatal-error
akka.log.lifecycle.events
akka.lookup.timeout
akka.retry-gate-closed-for
akka.rpc.force-invocation-serialization
akka.server-socket-worker-pool.pool-size-factor
akka.server-socket-worker-pool.pool-size-max
akka.server-socket-worker-pool.pool-size-min
akka.ssl.enabled
akka.startup-timeout
akka.tcp.timeout
akka.throughput
akka.watch.heartbeat.interval
akka.watch.heartbeat.pause
akka.watch.threshold
aws.region
blob.client.connect.timeout
blob.client.socket.timeout
blob.fetch.backlog
blob.fetch.num-concurrent
blob.fetch.retries
blob.offload.minsize
blob.server.port
blob.service.cleanup.interval
blob.service.ssl.enabled
blob.storage.directory
class
classloader.check-leaked-classloader
classloader.fail-on-metaspace-oom-error
classloader.parent-first-patterns classloader.parent-first-patterns.default
classloader.parent-first-patterns.additional
classloader.parent-first-patterns.default
classloader.resolve-order
cleanup-strategy
cleanup-strategy.exponential-delay.attempts
cleanup-strategy.exponential-delay.initial-backoff
cleanup-strategy.exponential-delay.max-backoff
cleanup-strategy.fixed-delay.attempts
cleanup-strategy.fixed-delay.delay
client.id.prefix
client.retry-period
client.timeout
cluster.evenly-spread-out-slots
cluster.fine-grained-resource-management.enabled
cluster.intercept-user-system-exit
cluster.io-pool.size
cluster.processes.halt-on-fatal-error
cluster.registration.error-delay
cluster.registration.initial-timeout
cluster.registration.max-timeout
cluster.registration.refused-registration-delay
cluster.services.shutdown-timeout
cluster.thread-dump.stacktrace-max-depth
cluster.uncaught-exception-handling
commit.offsets.on.checkpoint
compiler.delimited-informat.max-line-samples
compiler.delimited-informat.max-sample-len
compiler.delimited-informat.min-line-samples
dstl.dfs.base-path
dstl.dfs.batch.persist-delay
dstl.dfs.batch.persist-size-threshold
dstl.dfs.compression.enabled
dstl.dfs.discard.num-threads
dstl.dfs.download.local-cache.idle-timeout-ms
dstl.dfs.preemptive-persist-threshold
dstl.dfs.upload.buffer-size
dstl.dfs.upload.max-attempts
dstl.dfs.upload.max-in-flight
dstl.dfs.upload.next-attempt-delay
dstl.dfs.upload.num-threads
dstl.dfs.upload.retry-policy
dstl.dfs.upload.timeout
env.hadoop.conf.dir
env.hbase.conf.dir
env.java.opts
env.java.opts.client
env.java.opts.historyserver
env.java.opts.jobmanager
env.java.opts.taskmanager
env.log.dir
env.log.max
env.pid.dir
env.ssh.opts
env.yarn.conf.dir
execution.allow-client-job-configurations execution.program-config.enabled
execution.attached
execution.batch-shuffle-mode
execution.batch-state-backend.enabled
execution.buffer-timeout
execution.checkpointing.aligned-checkpoint-timeout
execution.checkpointing.alignment-timeout
execution.checkpointing.checkpoints-after-tasks-finish.enabled
execution.checkpointing.externalized-checkpoint-retention
execution.checkpointing.interval
execution.checkpointing.max-concurrent-checkpoints
execution.checkpointing.min-pause
execution.checkpointing.mode
execution.checkpointing.recover-without-channel-state.checkpoint-id
execution.checkpointing.snapshot-compression
execution.checkpointing.timeout
execution.checkpointing.tolerable-failed-checkpoints
execution.checkpointing.unaligned
execution.checkpointing.unaligned.forced
execution.job-listeners
execution.program-config.enabled
execution.program-config.wildcards
execution.runtime-mode
execution.savepoint-restore-mode
execution.savepoint.ignore-unclaimed-state
execution.savepoint.path
execution.shutdown-on-application-finish
execution.shutdown-on-attached-exit
execution.sorted-inputs.enabled
execution.sorted-inputs.memory
execution.submit-failed-job-on-application-error
execution.target
external-resource.<resource_name>.amount
external-resource.<resource_name>.driver-factory.class
external-resource.<resource_name>.kubernetes.config-key
external-resource.<resource_name>.param.<param>
external-resource.<resource_name>.yarn.config-key
external-resources
factory.class
filter.excludes
filter.includes
fine-grained.shuffle-mode.all-blocking
flink.hadoop.<key>
flink.yarn.<key>
fs.allowed-fallback-filesystems
fs.default-scheme
fs.output.always-create-directory
fs.overwrite-files
heartbeat.interval
heartbeat.rpc-failure-threshold
heartbeat.timeout
high-availability
high-availability.cluster-id
high-availability.job.delay
high-availability.jobmanager.port
high-availability.kubernetes.leader-election.lease-duration
high-availability.kubernetes.leader-election.renew-deadline
high-availability.kubernetes.leader-election.retry-period
high-availability.storageDir
high-availability.zookeeper.client.acl
high-availability.zookeeper.client.connection-timeout
high-availability.zookeeper.client.max-retry-attempts
high-availability.zookeeper.client.retry-wait
high-availability.zookeeper.client.session-timeout
high-availability.zookeeper.client.tolerate-suspended-connections
high-availability.zookeeper.path.jobgraphs
high-availability.zookeeper.path.namespace high-availability.cluster-id
high-availability.zookeeper.path.root
high-availability.zookeeper.path.running-registry
high-availability.zookeeper.quorum
high-availability.zookeeper.storageDir high-availability.storageDir
historyserver.archive.clean-expired-jobs
historyserver.archive.fs.dir
historyserver.archive.fs.refresh-interval
historyserver.archive.retained-jobs
historyserver.log.jobmanager.url-pattern
historyserver.log.taskmanager.url-pattern
historyserver.web.address
historyserver.web.port
historyserver.web.refresh-interval
historyserver.web.ssl.enabled
historyserver.web.tmpdir
internal.taskmanager.node-id
internal.taskmanager.resource-id.metadata
interval
io.tmp.dirs
jmx.server.port
job-manager.max-attempts-history-size jobmanager.execution.attempts-history-size
job-result-store.delete-on-commit
job-result-store.storage-path
jobmanager.adaptive-batch-scheduler.avg-data-volume-per-task
jobmanager.adaptive-batch-scheduler.default-source-parallelism
jobmanager.adaptive-batch-scheduler.max-parallelism
jobmanager.adaptive-batch-scheduler.min-parallelism
jobmanager.adaptive-batch-scheduler.speculative.block-slow-node-duration
jobmanager.adaptive-batch-scheduler.speculative.enabled
jobmanager.adaptive-batch-scheduler.speculative.max-concurrent-executions
jobmanager.adaptive-scheduler.min-parallelism-increase
jobmanager.adaptive-scheduler.resource-stabilization-timeout
jobmanager.adaptive-scheduler.resource-wait-timeout
jobmanager.archive.fs.dir
jobmanager.bind-host
jobmanager.execution.attempts-history-size
jobmanager.execution.failover-strategy
jobmanager.future-pool.size
jobmanager.heap.mb
jobmanager.heap.size
jobmanager.io-pool.size
jobmanager.memory.enable-jvm-direct-memory-limit
jobmanager.memory.flink.size
jobmanager.memory.heap.size
jobmanager.memory.jvm-metaspace.size
jobmanager.memory.jvm-overhead.fraction
jobmanager.memory.jvm-overhead.max
jobmanager.memory.jvm-overhead.min
jobmanager.memory.off-heap.size
jobmanager.memory.process.size
jobmanager.partition.release-during-job-execution
jobmanager.resource-id
jobmanager.retrieve-taskmanager-hostname
jobmanager.rpc.address
jobmanager.rpc.bind-port
jobmanager.rpc.port
jobmanager.scheduler
jobmanager.web.access-control-allow-origin web.access-control-allow-origin
jobmanager.web.address
jobmanager.web.backpressure.cleanup-interval web.backpressure.cleanup-interval
jobmanager.web.backpressure.delay-between-samples web.backpressure.delay-between-samples
jobmanager.web.backpressure.num-samples web.backpressure.num-samples
jobmanager.web.backpressure.refresh-interval web.backpressure.refresh-interval
jobmanager.web.checkpoints.history web.checkpoints.history
jobmanager.web.history web.history
jobmanager.web.log.path web.log.path
jobmanager.web.port rest.bind-port
jobmanager.web.refresh-interval web.refresh-interval
jobmanager.web.ssl.enabled web.ssl.enabled
jobmanager.web.submit.enable web.submit.enable
jobmanager.web.tmpdir web.tmpdir
jobmanager.web.upload.dir web.upload.dir
jobstore.cache-size
jobstore.expiration-time
jobstore.max-capacity
jobstore.type
key.fields
key.fields-prefix
key.format
kubernetes.client.io-pool.size
kubernetes.client.user-agent
kubernetes.cluster-id
kubernetes.config.file
kubernetes.container.image
kubernetes.container.image.pull-policy
kubernetes.container.image.pull-secrets
kubernetes.context
kubernetes.entry.path
kubernetes.env.secretKeyRef
kubernetes.flink.conf.dir
kubernetes.flink.log.dir
kubernetes.hadoop.conf.config-map.name
kubernetes.hostnetwork.enabled
kubernetes.internal.jobmanager.entrypoint.class
kubernetes.jobmanager.annotations
kubernetes.jobmanager.cpu
kubernetes.jobmanager.cpu.limit-factor
kubernetes.jobmanager.entrypoint.args
kubernetes.jobmanager.labels
kubernetes.jobmanager.memory.limit-factor
kubernetes.jobmanager.node-selector
kubernetes.jobmanager.owner.reference
kubernetes.jobmanager.replicas
kubernetes.jobmanager.service-account
kubernetes.jobmanager.tolerations
kubernetes.namespace
kubernetes.node-name-label
kubernetes.pod-template-file
kubernetes.pod-template-file.jobmanager
kubernetes.pod-template-file.taskmanager
kubernetes.rest-service.annotations
kubernetes.rest-service.exposed.node-port-address-type
kubernetes.rest-service.exposed.type
kubernetes.secrets
kubernetes.service-account
kubernetes.taskmanager.annotations
kubernetes.taskmanager.cpu
kubernetes.taskmanager.cpu.limit-factor
kubernetes.taskmanager.entrypoint.args
kubernetes.taskmanager.labels
kubernetes.taskmanager.memory.limit-factor
kubernetes.taskmanager.node-selector
kubernetes.taskmanager.service-account
kubernetes.taskmanager.tolerations
kubernetes.transactional-operation.max-retries
library-cache-manager.cleanup.interval blob.service.cleanup.interval
local.number-resourcemanager
lookup.cache
lookup.full-cache.periodic-reload.interval
lookup.full-cache.periodic-reload.schedule-mode
lookup.full-cache.reload-strategy
lookup.full-cache.timed-reload.interval-in-days
lookup.full-cache.timed-reload.iso-time
lookup.max-retries
lookup.partial-cache.cache-missing-key
lookup.partial-cache.expire-after-access
lookup.partial-cache.expire-after-write
lookup.partial-cache.max-rows
metrics.fetcher.update-interval
metrics.internal.query-service.port
metrics.internal.query-service.thread-priority
metrics.job.status.enable
metrics.latency.granularity
metrics.latency.history-size
metrics.latency.interval
metrics.reporters
metrics.scope.delimiter
metrics.scope.jm
metrics.scope.jm.job
metrics.scope.operator
metrics.scope.task
metrics.scope.tm
metrics.scope.tm.job
metrics.system-resource
metrics.system-resource-probing-interval
parallelism.default
partition.discovery.interval.ms
pipeline.auto-generate-uids
pipeline.auto-type-registration
pipeline.auto-watermark-interval
pipeline.cached-files
pipeline.classpaths
pipeline.closure-cleaner-level
pipeline.default-kryo-serializers
pipeline.force-avro
pipeline.force-kryo
pipeline.generic-types
pipeline.global-job-parameters
pipeline.jars
pipeline.max-parallelism
pipeline.name
pipeline.object-reuse
pipeline.operator-chaining
pipeline.registered-kryo-types
pipeline.registered-pojo-types
pipeline.time-characteristic
pipeline.vertex-description-mode
pipeline.vertex-name-include-index-prefix
plugin.classloader.parent-first-patterns.additional
plugin.classloader.parent-first-patterns.default
process.jobmanager.working-dir
process.taskmanager.working-dir
process.working-dir
properties.bootstrap.servers
properties.group.id
query.client.network-threads queryable-state.client.network-threads
query.proxy.network-threads queryable-state.proxy.network-threads
query.proxy.ports queryable-state.proxy.ports
query.proxy.query-threads queryable-state.proxy.query-threads
query.server.network-threads queryable-state.server.network-threads
query.server.ports queryable-state.server.ports
query.server.query-threads queryable-state.server.query-threads
queryable-state.client.network-threads
queryable-state.enable
queryable-state.proxy.network-threads
queryable-state.proxy.ports
queryable-state.proxy.query-threads
queryable-state.server.network-threads
queryable-state.server.ports
queryable-state.server.query-threads
recovery.job.delay high-availability.job.delay
recovery.jobmanager.port high-availability.jobmanager.port
recovery.mode high-availability
recovery.zookeeper.client.connection-timeout high-availability.zookeeper.client.connection-timeout
recovery.zookeeper.client.max-retry-attempts high-availability.zookeeper.client.max-retry-attempts
recovery.zookeeper.client.retry-wait high-availability.zookeeper.client.retry-wait
recovery.zookeeper.client.session-timeout high-availability.zookeeper.client.session-timeout
recovery.zookeeper.path.jobgraphs high-availability.zookeeper.path.jobgraphs
recovery.zookeeper.path.namespace high-availability.cluster-id
recovery.zookeeper.path.root high-availability.zookeeper.path.root
recovery.zookeeper.quorum high-availability.zookeeper.quorum
recovery.zookeeper.storageDir high-availability.storageDir
register.consumer.metrics
resourcemanager.job.timeout
resourcemanager.previous-worker.recovery.timeout
resourcemanager.rpc.port
resourcemanager.standalone.start-up-time
resourcemanager.start-worker.max-failure-rate
resourcemanager.start-worker.retry-interval
resourcemanager.taskmanager-registration.timeout
resourcemanager.taskmanager-release.wait.result.consumed
resourcemanager.taskmanager-timeout
rest.address
rest.async.store-duration
rest.await-leader-timeout
rest.bind-address
rest.bind-port
rest.client.max-content-length
rest.connection-timeout
rest.flamegraph.cleanup-interval
rest.flamegraph.delay-between-samples
rest.flamegraph.enabled
rest.flamegraph.num-samples
rest.flamegraph.refresh-interval
rest.flamegraph.stack-depth
rest.idleness-timeout
rest.port
rest.retry.delay
rest.retry.max-attempts
rest.server.max-content-length
rest.server.numThreads
rest.server.thread-priority
restart-strategy
restart-strategy.exponential-delay.backoff-multiplier
restart-strategy.exponential-delay.initial-backoff
restart-strategy.exponential-delay.jitter-factor
restart-strategy.exponential-delay.max-backoff
restart-strategy.exponential-delay.reset-backoff-threshold
restart-strategy.failure-rate.delay
restart-strategy.failure-rate.failure-rate-interval
restart-strategy.failure-rate.max-failures-per-interval
restart-strategy.fixed-delay.attempts
restart-strategy.fixed-delay.delay
savepoints.state.backend.fs.dir state.savepoints.dir
scan.startup.mode
scan.startup.specific-offsets
scan.startup.timestamp-millis
scan.topic-partition-discovery.interval
scheduler-mode
schema-registry.subject
scope.delimiter
scope.variables.additional
scope.variables.excludes
security.context.factory.classes
security.kerberos.access.hadoopFileSystems
security.kerberos.fetch.delegation-token
security.kerberos.krb5-conf.path
security.kerberos.login.contexts
security.kerberos.login.keytab
security.kerberos.login.principal
security.kerberos.login.use-ticket-cache
security.kerberos.relogin.period
security.kerberos.tokens.renewal.retry.backoff
security.kerberos.tokens.renewal.time-ratio
security.keytab security.kerberos.login.keytab
security.module.factory.classes
security.principal security.kerberos.login.principal
security.ssl.algorithms
security.ssl.close-notify-flush-timeout security.ssl.internal.close-notify-flush-timeout
security.ssl.enabled
security.ssl.handshake-timeout security.ssl.internal.handshake-timeout
security.ssl.internal.cert.fingerprint
security.ssl.internal.close-notify-flush-timeout
security.ssl.internal.enabled
security.ssl.internal.handshake-timeout
security.ssl.internal.key-password
security.ssl.internal.keystore
security.ssl.internal.keystore-password
security.ssl.internal.session-cache-size
security.ssl.internal.session-timeout
security.ssl.internal.truststore
security.ssl.internal.truststore-password
security.ssl.key-password
security.ssl.keystore
security.ssl.keystore-password
security.ssl.protocol
security.ssl.provider
security.ssl.rest.authentication-enabled
security.ssl.rest.cert.fingerprint
security.ssl.rest.enabled
security.ssl.rest.key-password
security.ssl.rest.keystore
security.ssl.rest.keystore-password
security.ssl.rest.truststore
security.ssl.rest.truststore-password
security.ssl.session-cache-size security.ssl.internal.session-cache-size
security.ssl.session-timeout security.ssl.internal.session-timeout
security.ssl.truststore
security.ssl.truststore-password
security.ssl.verify-hostname
shuffle-service-factory.class
sink.batch.max-size
sink.buffer-flush.interval
sink.buffer-flush.max-rows
sink.delivery-guarantee
sink.fail-on-error
sink.flush-buffer.size
sink.flush-buffer.timeout
sink.parallelism
sink.partitioner
sink.partitioner-field-delimiter
sink.requests.max-buffered
sink.requests.max-inflight
sink.transactional-id-prefix
slot.idle.timeout
slot.request.timeout
slotmanager.max-total-resource.cpu
slotmanager.max-total-resource.memory
slotmanager.number-of-slots.max
slotmanager.redundant-taskmanager-num
slotmanager.request-timeout
slotmanager.requirement-check.delay
slotmanager.taskmanager-timeout
slow-task-detector.check-interval
slow-task-detector.execution-time.baseline-lower-bound
slow-task-detector.execution-time.baseline-multiplier
slow-task-detector.execution-time.baseline-ratio
source.reader.close.timeout
source.reader.element.queue.capacity
state.backend
state.backend.async
state.backend.changelog.enabled
state.backend.changelog.enabled_for_application
state.backend.changelog.max-failures-allowed
state.backend.changelog.periodic-materialize.interval
state.backend.changelog.storage
state.backend.fs.checkpointdir state.checkpoints.dir
state.backend.fs.memory-threshold state.storage.fs.memory-threshold
state.backend.fs.write-buffer-size state.storage.fs.write-buffer-size
state.backend.incremental
state.backend.latency-track.history-size
state.backend.latency-track.keyed-state-enabled
state.backend.latency-track.sample-interval
state.backend.latency-track.state-name-as-variable
state.backend.local-recovery
state.backend.rocksdb.block.blocksize
state.backend.rocksdb.block.cache-size
state.backend.rocksdb.block.metadata-blocksize
state.backend.rocksdb.bloom-filter.bits-per-key
state.backend.rocksdb.bloom-filter.block-based-mode
state.backend.rocksdb.checkpoint.transfer.thread.num
state.backend.rocksdb.checkpointdir state.backend.rocksdb.localdir
state.backend.rocksdb.compaction.level.max-size-level-base
state.backend.rocksdb.compaction.level.target-file-size-base
state.backend.rocksdb.compaction.level.use-dynamic-size
state.backend.rocksdb.compaction.style
state.backend.rocksdb.files.open
state.backend.rocksdb.localdir
state.backend.rocksdb.log.dir
state.backend.rocksdb.log.file-num
state.backend.rocksdb.log.level
state.backend.rocksdb.log.max-file-size
state.backend.rocksdb.memory.fixed-per-slot
state.backend.rocksdb.memory.high-prio-pool-ratio
state.backend.rocksdb.memory.managed
state.backend.rocksdb.memory.partitioned-index-filters
state.backend.rocksdb.memory.write-buffer-ratio
state.backend.rocksdb.metrics.actual-delayed-write-rate
state.backend.rocksdb.metrics.background-errors
state.backend.rocksdb.metrics.block-cache-capacity
state.backend.rocksdb.metrics.block-cache-hit
state.backend.rocksdb.metrics.block-cache-miss
state.backend.rocksdb.metrics.block-cache-pinned-usage
state.backend.rocksdb.metrics.block-cache-usage
state.backend.rocksdb.metrics.bytes-read
state.backend.rocksdb.metrics.bytes-written
state.backend.rocksdb.metrics.column-family-as-variable
state.backend.rocksdb.metrics.compaction-pending
state.backend.rocksdb.metrics.compaction-read-bytes
state.backend.rocksdb.metrics.compaction-write-bytes
state.backend.rocksdb.metrics.cur-size-active-mem-table
state.backend.rocksdb.metrics.cur-size-all-mem-tables
state.backend.rocksdb.metrics.estimate-live-data-size
state.backend.rocksdb.metrics.estimate-num-keys
state.backend.rocksdb.metrics.estimate-pending-compaction-bytes
state.backend.rocksdb.metrics.estimate-table-readers-mem
state.backend.rocksdb.metrics.is-write-stopped
state.backend.rocksdb.metrics.iter-bytes-read
state.backend.rocksdb.metrics.live-sst-files-size
state.backend.rocksdb.metrics.mem-table-flush-pending
state.backend.rocksdb.metrics.num-deletes-active-mem-table
state.backend.rocksdb.metrics.num-deletes-imm-mem-tables
state.backend.rocksdb.metrics.num-entries-active-mem-table
state.backend.rocksdb.metrics.num-entries-imm-mem-tables
state.backend.rocksdb.metrics.num-immutable-mem-table
state.backend.rocksdb.metrics.num-live-versions
state.backend.rocksdb.metrics.num-running-compactions
state.backend.rocksdb.metrics.num-running-flushes
state.backend.rocksdb.metrics.num-snapshots
state.backend.rocksdb.metrics.size-all-mem-tables
state.backend.rocksdb.metrics.stall-micros
state.backend.rocksdb.metrics.total-sst-files-size
state.backend.rocksdb.options-factory
state.backend.rocksdb.predefined-options
state.backend.rocksdb.restore-overlap-fraction-threshold
state.backend.rocksdb.thread.num
state.backend.rocksdb.timer-service.factory
state.backend.rocksdb.use-bloom-filter
state.backend.rocksdb.write-batch-size
state.backend.rocksdb.writebuffer.count
state.backend.rocksdb.writebuffer.number-to-merge
state.backend.rocksdb.writebuffer.size
state.checkpoint-storage
state.checkpoints.dir
state.checkpoints.num-retained
state.savepoints.dir
state.storage.fs.memory-threshold
state.storage.fs.write-buffer-size
statebackend.useManagedMemory
statefun.async.max-per-task
statefun.embedded
statefun.feedback.memory.size
statefun.flink-job-name
statefun.message.custom-payload-serializer-class
statefun.message.serializer
statefun.module.global-config.<KEY>
statefun.remote.module-name
stream
task.cancellation-interval task.cancellation.interval
task.cancellation.interval
task.cancellation.timeout
task.cancellation.timers.timeout
taskmanager.bind-host
taskmanager.cpu.cores
taskmanager.data.bind-port
taskmanager.data.port
taskmanager.data.ssl.enabled
taskmanager.debug.memory.log
taskmanager.debug.memory.log-interval
taskmanager.debug.memory.logIntervalMs taskmanager.debug.memory.log-interval
taskmanager.debug.memory.startLogThread taskmanager.debug.memory.log
taskmanager.exit-on-fatal-akka-error
taskmanager.heap.mb
taskmanager.heap.size
taskmanager.host
taskmanager.initial-registration-pause taskmanager.registration.initial-backoff
taskmanager.jvm-exit-on-oom
taskmanager.max-registration-pause taskmanager.registration.max-backoff
taskmanager.maxRegistrationDuration taskmanager.registration.timeout
taskmanager.memory.flink.size
taskmanager.memory.framework.heap.size
taskmanager.memory.framework.off-heap.batch-shuffle.size
taskmanager.memory.framework.off-heap.size
taskmanager.memory.jvm-metaspace.size
taskmanager.memory.jvm-overhead.fraction
taskmanager.memory.jvm-overhead.max
taskmanager.memory.jvm-overhead.min
taskmanager.memory.managed.consumer-weights
taskmanager.memory.managed.fraction
taskmanager.memory.managed.size
taskmanager.memory.min-segment-size
taskmanager.memory.network.fraction
taskmanager.memory.network.max
taskmanager.memory.network.min
taskmanager.memory.process.size
taskmanager.memory.segment-size
taskmanager.memory.size taskmanager.memory.managed.size
taskmanager.memory.task.heap.size
taskmanager.memory.task.off-heap.size
taskmanager.net.client.connectTimeoutSec taskmanager.network.netty.client.connectTimeoutSec
taskmanager.net.client.numThreads taskmanager.network.netty.client.numThreads
taskmanager.net.num-arenas taskmanager.network.netty.num-arenas
taskmanager.net.request-backoff.initial taskmanager.network.request-backoff.initial
taskmanager.net.request-backoff.max taskmanager.network.request-backoff.max
taskmanager.net.sendReceiveBufferSize taskmanager.network.netty.sendReceiveBufferSize
taskmanager.net.server.backlog taskmanager.network.netty.server.backlog
taskmanager.net.server.numThreads taskmanager.network.netty.server.numThreads
taskmanager.net.transport taskmanager.network.netty.transport
taskmanager.network.batch-shuffle.compression.enabled
taskmanager.network.bind-policy
taskmanager.network.blocking-shuffle.compression.enabled taskmanager.network.batch-shuffle.compression.enabled
taskmanager.network.blocking-shuffle.type
taskmanager.network.compression.codec
taskmanager.network.detailed-metrics
taskmanager.network.max-num-tcp-connections
taskmanager.network.memory.buffer-debloat.enabled
taskmanager.network.memory.buffer-debloat.period
taskmanager.network.memory.buffer-debloat.samples
taskmanager.network.memory.buffer-debloat.target
taskmanager.network.memory.buffer-debloat.threshold-percentages
taskmanager.network.memory.buffers-per-channel
taskmanager.network.memory.exclusive-buffers-request-timeout-ms
taskmanager.network.memory.floating-buffers-per-gate
taskmanager.network.memory.fraction
taskmanager.network.memory.max
taskmanager.network.memory.max-buffers-per-channel
taskmanager.network.memory.max-overdraft-buffers-per-gate
taskmanager.network.memory.min
taskmanager.network.netty.client.connectTimeoutSec
taskmanager.network.netty.client.numThreads
taskmanager.network.netty.num-arenas
taskmanager.network.netty.sendReceiveBufferSize
taskmanager.network.netty.server.backlog
taskmanager.network.netty.server.numThreads
taskmanager.network.netty.transport
taskmanager.network.numberOfBuffers
taskmanager.network.request-backoff.initial
taskmanager.network.request-backoff.max
taskmanager.network.retries
taskmanager.network.sort-shuffle.min-buffers
taskmanager.network.sort-shuffle.min-parallelism
taskmanager.network.tcp-connection.enable-reuse-across-jobs
taskmanager.numberOfTaskSlots
taskmanager.refused-registration-pause taskmanager.registration.refused-backoff
taskmanager.registration.initial-backoff
taskmanager.registration.max-backoff
taskmanager.registration.refused-backoff
taskmanager.registration.timeout
taskmanager.resource-id
taskmanager.rpc.bind-port
taskmanager.rpc.port
taskmanager.runtime.hashjoin-bloom-filters
taskmanager.runtime.large-record-handler
taskmanager.runtime.max-fan
taskmanager.runtime.sort-spilling-threshold
taskmanager.slot.timeout
taskmanager.state.local.root-dirs
taskmanager.tmp.dirs io.tmp.dirs
timerservice.exceptional.shutdown.timeout task.cancellation.timers.timeout
topic
topic-pattern
type
value.fields-include
value.format
web.access-control-allow-origin
web.address
web.backpressure.cleanup-interval
web.backpressure.delay-between-samples
web.backpressure.num-samples
web.backpressure.refresh-interval
web.cancel.enable
web.checkpoints.history
web.exception-history-size
web.history
web.log.path
web.port
web.refresh-interval
web.ssl.enabled
web.submit.enable
web.timeout
web.tmpdir
web.upload.dir
yarn.application-attempt-failures-validity-interval
yarn.application-attempts
yarn.application-master.port
yarn.application.id
yarn.application.name
yarn.application.node-label
yarn.application.priority
yarn.application.queue
yarn.application.type
yarn.appmaster.vcores
yarn.classpath.include-user-jar
yarn.containers.vcores
yarn.file-replication
yarn.flink-dist-jar
yarn.heartbeat-delay yarn.heartbeat.interval
yarn.heartbeat.container-request-interval
yarn.heartbeat.interval
yarn.per-job-cluster.include-user-jar yarn.classpath.include-user-jar
yarn.properties-file.location
yarn.provided.lib.dirs
yarn.provided.usrlib.dir
yarn.security.kerberos.additionalFileSystems security.kerberos.access.hadoopFileSystems
yarn.security.kerberos.localized-keytab-path
yarn.security.kerberos.ship-local-keytab
yarn.ship-archives
yarn.ship-directories yarn.ship-files
yarn.ship-files
yarn.staging-directory
yarn.tags
yarn.taskmanager.node-label
zookeeper.sasl.disable
zookeeper.sasl.login-context-name
zookeeper.sasl.service-name
`
