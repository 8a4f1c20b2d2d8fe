// Made by scripts/flink-keys/FlinkKeys.java from the jars of Flink 2.0.0 and 2.2.0; one key a line, behind an older one the key that
// replaces it.
export const FLINK_2_KEYS = `
$internal.application.main
$internal.application.program-args
$internal.deployment.config-dir
$internal.execution.batch.adaptive.skewed-optimization.skewed-factor
$internal.execution.batch.adaptive.skewed-optimization.skewed-threshold
$internal.pipeline.job-id
<parameter>
akka.ask.callstack pekko.ask.callstack
akka.ask.timeout pekko.ask.timeout
akka.client-socket-worker-pool.pool-size-factor pekko.client-socket-worker-pool.pool-size-factor
akka.client-socket-worker-pool.pool-size-max pekko.client-socket-worker-pool.pool-size-max
akka.client-socket-worker-pool.pool-size-min pekko.client-socket-worker-pool.pool-size-min
akka.client.timeout client.timeout
akka.fork-join-executor.parallelism-factor pekko.fork-join-executor.parallelism-factor
akka.fork-join-executor.parallelism-max pekko.fork-join-executor.parallelism-max
akka.fork-join-executor.parallelism-min pekko.fork-join-executor.parallelism-min
akka.framesize pekko.framesize
akka.jvm-exit-on-fatal-error pekko.jvm-exit-on-fatal-error
akka.log.lifecycle.events pekko.log.lifecycle.events
akka.lookup.timeout pekko.lookup.timeout
akka.retry-gate-closed-for pekko.retry-gate-closed-for
akka.rpc.force-invocation-serialization pekko.rpc.force-invocation-serialization
akka.server-socket-worker-pool.pool-size-factor pekko.server-socket-worker-pool.pool-size-factor
akka.server-socket-worker-pool.pool-size-max pekko.server-socket-worker-pool.pool-size-max
akka.server-socket-worker-pool.pool-size-min pekko.server-socket-worker-pool.pool-size-min
akka.ssl.enabled pekko.ssl.enabled
akka.startup-timeout pekko.startup-timeout
akka.tcp.timeout pekko.tcp.timeout
akka.throughput pekko.throughput
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
chainEnd
chainIndex
checkpointMode
checkpointing
classloader.check-leaked-classloader
classloader.fail-on-metaspace-oom-error
classloader.parent-first-patterns classloader.parent-first-patterns.default
classloader.parent-first-patterns.additional
classloader.parent-first-patterns.default
classloader.resolve-order
cleanup-strategy cleanup-strategy.type
cleanup-strategy.exponential-delay.attempts
cleanup-strategy.exponential-delay.initial-backoff
cleanup-strategy.exponential-delay.max-backoff
cleanup-strategy.fixed-delay.attempts
cleanup-strategy.fixed-delay.delay
cleanup-strategy.type
client.heartbeat.interval
client.heartbeat.timeout
client.retry-period
client.timeout
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
compiler.delimited-informat.max-line-samples
compiler.delimited-informat.max-sample-len
compiler.delimited-informat.min-line-samples
dstl.dfs.base-path state.changelog.dstl.dfs.base-path
dstl.dfs.batch.persist-delay state.changelog.dstl.dfs.batch.persist-delay
dstl.dfs.batch.persist-size-threshold state.changelog.dstl.dfs.batch.persist-size-threshold
dstl.dfs.compression.enabled state.changelog.dstl.dfs.compression.enabled
dstl.dfs.discard.num-threads state.changelog.dstl.dfs.discard.num-threads
dstl.dfs.download.local-cache.idle-timeout-ms state.changelog.dstl.dfs.download.local-cache.idle-timeout-ms
dstl.dfs.preemptive-persist-threshold state.changelog.dstl.dfs.preemptive-persist-threshold
dstl.dfs.upload.buffer-size state.changelog.dstl.dfs.upload.buffer-size
dstl.dfs.upload.max-attempts state.changelog.dstl.dfs.upload.max-attempts
dstl.dfs.upload.max-in-flight state.changelog.dstl.dfs.upload.max-in-flight
dstl.dfs.upload.next-attempt-delay state.changelog.dstl.dfs.upload.next-attempt-delay
dstl.dfs.upload.num-threads state.changelog.dstl.dfs.upload.num-threads
dstl.dfs.upload.retry-policy state.changelog.dstl.dfs.upload.retry-policy
dstl.dfs.upload.timeout state.changelog.dstl.dfs.upload.timeout
enabled
env.hadoop.conf.dir
env.hbase.conf.dir
env.java.default-opts.all
env.java.default-opts.jobmanager
env.java.default-opts.taskmanager
env.java.home
env.java.opts env.java.opts.all
env.java.opts.all
env.java.opts.client
env.java.opts.historyserver
env.java.opts.jobmanager
env.java.opts.sql-gateway
env.java.opts.taskmanager
env.log.dir
env.log.level
env.log.max
env.pid.dir
env.ssh.opts
env.stdout-err.redirect-to-file
env.yarn.conf.dir
events.reporters
execution.allow-client-job-configurations execution.program-config.enabled
execution.async-state.active-buffer-size
execution.async-state.active-buffer-timeout
execution.async-state.total-buffer-size
execution.attached
execution.batch-shuffle-mode
execution.batch-state-backend.enabled
execution.batch.adaptive.auto-parallelism.avg-data-volume-per-task
execution.batch.adaptive.auto-parallelism.default-source-parallelism
execution.batch.adaptive.auto-parallelism.enabled
execution.batch.adaptive.auto-parallelism.max-parallelism
execution.batch.adaptive.auto-parallelism.min-parallelism
execution.batch.job-recovery.enabled
execution.batch.job-recovery.previous-worker.recovery.timeout
execution.batch.job-recovery.snapshot.min-pause
execution.batch.speculative.block-slow-node-duration
execution.batch.speculative.enabled
execution.batch.speculative.max-concurrent-executions
execution.buffer-timeout execution.buffer-timeout.interval
execution.buffer-timeout.enabled
execution.buffer-timeout.interval
execution.checkpointing.aligned-checkpoint-timeout
execution.checkpointing.alignment-timeout execution.checkpointing.aligned-checkpoint-timeout
execution.checkpointing.approximate-local-recovery execution.state-recovery.approximate-local-recovery
execution.checkpointing.checkpoints-after-tasks-finish
execution.checkpointing.checkpoints-after-tasks-finish.enabled execution.checkpointing.checkpoints-after-tasks-finish
execution.checkpointing.cleaner.parallel-mode
execution.checkpointing.create-subdir
execution.checkpointing.data-inline-threshold
execution.checkpointing.dir
execution.checkpointing.externalized-checkpoint-retention
execution.checkpointing.file-merging.across-checkpoint-boundary
execution.checkpointing.file-merging.enabled
execution.checkpointing.file-merging.max-file-size
execution.checkpointing.file-merging.max-space-amplification
execution.checkpointing.file-merging.max-subtasks-per-file
execution.checkpointing.file-merging.pool-blocking
execution.checkpointing.incremental
execution.checkpointing.interval
execution.checkpointing.interval-during-backlog
execution.checkpointing.local-backup.dirs
execution.checkpointing.local-backup.enabled
execution.checkpointing.max-concurrent-checkpoints
execution.checkpointing.min-pause
execution.checkpointing.mode
execution.checkpointing.num-retained
execution.checkpointing.recover-without-channel-state.checkpoint-id execution.state-recovery.without-channel-state.checkpoint-id
execution.checkpointing.savepoint-dir
execution.checkpointing.snapshot-compression
execution.checkpointing.storage
execution.checkpointing.timeout
execution.checkpointing.tolerable-failed-checkpoints
execution.checkpointing.unaligned execution.checkpointing.unaligned.enabled
execution.checkpointing.unaligned.enabled
execution.checkpointing.unaligned.forced
execution.checkpointing.unaligned.interruptible-timers.enabled
execution.checkpointing.unaligned.max-subtasks-per-channel-state-file
execution.checkpointing.write-buffer-size
execution.job-listeners
execution.job-status-changed-listeners
execution.program-config.enabled
execution.program-config.wildcards
execution.runtime-mode
execution.savepoint-restore-mode execution.state-recovery.claim-mode
execution.savepoint.ignore-unclaimed-state execution.state-recovery.ignore-unclaimed-state
execution.savepoint.path execution.state-recovery.path
execution.shutdown-on-application-finish
execution.shutdown-on-attached-exit
execution.sort-keyed-partition.memory
execution.sort-partition.memory
execution.sorted-inputs.enabled
execution.sorted-inputs.memory
execution.state-recovery.approximate-local-recovery
execution.state-recovery.claim-mode
execution.state-recovery.from-local
execution.state-recovery.ignore-unclaimed-state
execution.state-recovery.path
execution.state-recovery.without-channel-state.checkpoint-id
execution.submit-failed-job-on-application-error
execution.target
external-resource.<resource_name>.amount
external-resource.<resource_name>.driver-factory.class
external-resource.<resource_name>.kubernetes.config-key
external-resource.<resource_name>.param.<param>
external-resources
factory.class
filter.excludes
filter.includes
fs.allowed-fallback-filesystems
fs.default-scheme
fs.output.always-create-directory
fs.overwrite-files
graphContainingLoops
heartbeat.interval
heartbeat.rpc-failure-threshold
heartbeat.timeout
high-availability high-availability.type
high-availability.cluster-id
high-availability.jobmanager.port
high-availability.kubernetes.leader-election.lease-duration
high-availability.kubernetes.leader-election.renew-deadline
high-availability.kubernetes.leader-election.retry-period
high-availability.storageDir
high-availability.type
high-availability.zookeeper.client.acl
high-availability.zookeeper.client.authorization
high-availability.zookeeper.client.connection-timeout
high-availability.zookeeper.client.ensemble-tracker
high-availability.zookeeper.client.max-close-wait
high-availability.zookeeper.client.max-retry-attempts
high-availability.zookeeper.client.max-retry-wait
high-availability.zookeeper.client.retry-wait
high-availability.zookeeper.client.session-timeout
high-availability.zookeeper.client.simulated-session-expiration-percent
high-availability.zookeeper.client.tolerate-suspended-connections
high-availability.zookeeper.path.execution-plans
high-availability.zookeeper.path.jobgraphs high-availability.zookeeper.path.execution-plans
high-availability.zookeeper.path.namespace high-availability.cluster-id
high-availability.zookeeper.path.root
high-availability.zookeeper.quorum
high-availability.zookeeper.storageDir high-availability.storageDir
historyserver.archive.clean-expired-jobs
historyserver.archive.fs.dir
historyserver.archive.fs.refresh-interval
historyserver.archive.retained-jobs
historyserver.archive.retained-ttl
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
isChainedSubtask
iterationWait
jmx.server.port
job-event.store.write-buffer.flush-interval
job-event.store.write-buffer.size
job-manager.max-attempts-history-size jobmanager.execution.attempts-history-size
job-result-store.delete-on-commit
job-result-store.storage-path
jobmanager.adaptive-batch-scheduler.avg-data-volume-per-task execution.batch.adaptive.auto-parallelism.avg-data-volume-per-task
jobmanager.adaptive-batch-scheduler.default-source-parallelism execution.batch.adaptive.auto-parallelism.default-source-parallelism
jobmanager.adaptive-batch-scheduler.max-parallelism execution.batch.adaptive.auto-parallelism.max-parallelism
jobmanager.adaptive-batch-scheduler.min-parallelism execution.batch.adaptive.auto-parallelism.min-parallelism
jobmanager.adaptive-batch-scheduler.speculative.block-slow-node-duration execution.batch.speculative.block-slow-node-duration
jobmanager.adaptive-batch-scheduler.speculative.enabled execution.batch.speculative.enabled
jobmanager.adaptive-batch-scheduler.speculative.max-concurrent-executions execution.batch.speculative.max-concurrent-executions
jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling
jobmanager.adaptive-scheduler.executing.resource-stabilization-timeout
jobmanager.adaptive-scheduler.min-parallelism-increase
jobmanager.adaptive-scheduler.prefer-minimal-taskmanagers
jobmanager.adaptive-scheduler.rescale-trigger.max-checkpoint-failures
jobmanager.adaptive-scheduler.rescale-trigger.max-delay
jobmanager.adaptive-scheduler.resource-stabilization-timeout
jobmanager.adaptive-scheduler.resource-wait-timeout
jobmanager.adaptive-scheduler.scaling-interval.max
jobmanager.adaptive-scheduler.scaling-interval.min
jobmanager.adaptive-scheduler.submission.resource-stabilization-timeout
jobmanager.adaptive-scheduler.submission.resource-wait-timeout
jobmanager.archive.fs.dir
jobmanager.bind-host
jobmanager.execution.attempts-history-size
jobmanager.execution.failover-strategy
jobmanager.failure-enrichers
jobmanager.future-pool.size
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
jobmanager.partition.hybrid.partition-data-consume-constraint
jobmanager.partition.release-during-job-execution
jobmanager.resource-id
jobmanager.retrieve-taskmanager-hostname
jobmanager.rpc.address
jobmanager.rpc.bind-port
jobmanager.rpc.port
jobmanager.scheduler
jobmanager.web.access-control-allow-origin web.access-control-allow-origin
jobmanager.web.address rest.bind-address
jobmanager.web.checkpoints.history web.checkpoints.history
jobmanager.web.history web.history
jobmanager.web.log.path web.log.path
jobmanager.web.port rest.bind-port
jobmanager.web.refresh-interval web.refresh-interval
jobmanager.web.submit.enable web.submit.enable
jobmanager.web.tmpdir web.tmpdir
jobmanager.web.upload.dir web.upload.dir
jobstore.cache-size
jobstore.expiration-time
jobstore.max-capacity
jobstore.type
kubernetes.artifacts.local-upload-enabled
kubernetes.artifacts.local-upload-overwrite
kubernetes.artifacts.local-upload-target
kubernetes.client.io-pool.size
kubernetes.client.user-agent
kubernetes.cluster-id
kubernetes.config.file
kubernetes.container.image kubernetes.container.image.ref
kubernetes.container.image.pull-policy
kubernetes.container.image.pull-secrets
kubernetes.container.image.ref
kubernetes.context
kubernetes.decorator.hadoop-conf-mount.enabled
kubernetes.decorator.kerberos-mount.enabled
kubernetes.entry.path
kubernetes.env.secretKeyRef
kubernetes.flink.conf.dir
kubernetes.flink.log.dir
kubernetes.hadoop.conf.config-map.name
kubernetes.hostnetwork.enabled
kubernetes.internal-service.annotations
kubernetes.internal-service.labels
kubernetes.internal.jobmanager.entrypoint.class
kubernetes.jobmanager.annotations
kubernetes.jobmanager.cpu kubernetes.jobmanager.cpu.amount
kubernetes.jobmanager.cpu.amount
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
kubernetes.pod-template-file kubernetes.pod-template-file.jobmanager
kubernetes.pod-template-file.default
kubernetes.pod-template-file.jobmanager
kubernetes.pod-template-file.taskmanager
kubernetes.rest-service.annotations
kubernetes.rest-service.exposed.node-port-address-type
kubernetes.rest-service.exposed.type
kubernetes.rest-service.labels
kubernetes.secrets
kubernetes.service-account
kubernetes.taskmanager.annotations
kubernetes.taskmanager.cpu kubernetes.taskmanager.cpu.amount
kubernetes.taskmanager.cpu.amount
kubernetes.taskmanager.cpu.limit-factor
kubernetes.taskmanager.entrypoint.args
kubernetes.taskmanager.labels
kubernetes.taskmanager.memory.limit-factor
kubernetes.taskmanager.node-selector
kubernetes.taskmanager.service-account
kubernetes.taskmanager.tolerations
kubernetes.transactional-operation.initial-retry-delay
kubernetes.transactional-operation.max-retries
kubernetes.transactional-operation.max-retry-delay
library-cache-manager.cleanup.interval blob.service.cleanup.interval
local.number-taskmanager minicluster.number-of-taskmanagers
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
metrics.scope.jm-job
metrics.scope.jm-operator
metrics.scope.jm.job metrics.scope.jm-job
metrics.scope.operator
metrics.scope.task
metrics.scope.tm
metrics.scope.tm-job
metrics.scope.tm.job metrics.scope.tm-job
metrics.system-resource
metrics.system-resource-probing-interval
minicluster.number-of-taskmanagers
numberOfNetworkInputs
numberOfOutputs
parallelism.default
pekko.ask.callstack
pekko.ask.timeout
pekko.client-socket-worker-pool.pool-size-factor
pekko.client-socket-worker-pool.pool-size-max
pekko.client-socket-worker-pool.pool-size-min
pekko.fork-join-executor.parallelism-factor
pekko.fork-join-executor.parallelism-max
pekko.fork-join-executor.parallelism-min
pekko.framesize
pekko.jvm-exit-on-fatal-error
pekko.log.lifecycle.events
pekko.lookup.timeout
pekko.remote-fork-join-executor.parallelism-factor
pekko.remote-fork-join-executor.parallelism-max
pekko.remote-fork-join-executor.parallelism-min
pekko.retry-gate-closed-for
pekko.rpc.force-invocation-serialization
pekko.server-socket-worker-pool.pool-size-factor
pekko.server-socket-worker-pool.pool-size-max
pekko.server-socket-worker-pool.pool-size-min
pekko.ssl.enabled
pekko.startup-timeout
pekko.tcp.timeout
pekko.throughput
pipeline.auto-generate-uids
pipeline.auto-watermark-interval
pipeline.cached-files
pipeline.classpaths
pipeline.closure-cleaner-level
pipeline.force-avro
pipeline.force-kryo
pipeline.force-kryo-avro
pipeline.generic-types
pipeline.global-job-parameters
pipeline.jars
pipeline.jobvertex-parallelism-overrides
pipeline.max-parallelism
pipeline.name
pipeline.object-reuse
pipeline.operator-chaining pipeline.operator-chaining.enabled
pipeline.operator-chaining.chain-operators-with-different-max-parallelism
pipeline.operator-chaining.enabled
pipeline.serialization-config
pipeline.vertex-description-mode
pipeline.vertex-name-include-index-prefix
pipeline.watermark-alignment.allow-unaligned-source-splits
plugin.classloader.parent-first-patterns.additional
plugin.classloader.parent-first-patterns.default
process.jobmanager.working-dir
process.taskmanager.working-dir
process.working-dir
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
recovery.jobmanager.port high-availability.jobmanager.port
recovery.mode high-availability.type
recovery.zookeeper.client.connection-timeout high-availability.zookeeper.client.connection-timeout
recovery.zookeeper.client.max-retry-attempts high-availability.zookeeper.client.max-retry-attempts
recovery.zookeeper.client.retry-wait high-availability.zookeeper.client.retry-wait
recovery.zookeeper.client.session-timeout high-availability.zookeeper.client.session-timeout
recovery.zookeeper.path.jobgraphs high-availability.zookeeper.path.execution-plans
recovery.zookeeper.path.namespace high-availability.cluster-id
recovery.zookeeper.path.root high-availability.zookeeper.path.root
recovery.zookeeper.quorum high-availability.zookeeper.quorum
recovery.zookeeper.storageDir high-availability.storageDir
resourcemanager.job.timeout
resourcemanager.previous-worker.recovery.timeout
resourcemanager.rpc.port
resourcemanager.standalone.start-up-time
resourcemanager.start-worker.max-failure-rate
resourcemanager.start-worker.retry-interval
resourcemanager.taskmanager-registration.timeout
resourcemanager.taskmanager-timeout
rest.address
rest.async.store-duration
rest.await-leader-timeout
rest.bind-address
rest.bind-port
rest.cache.checkpoint-statistics.size
rest.cache.checkpoint-statistics.timeout
rest.client.max-content-length
rest.connection-timeout
rest.flamegraph.cleanup-interval
rest.flamegraph.delay-between-samples
rest.flamegraph.enabled
rest.flamegraph.num-samples
rest.flamegraph.refresh-interval
rest.flamegraph.stack-depth
rest.idleness-timeout
rest.path
rest.port
rest.profiling.dir
rest.profiling.duration-max
rest.profiling.enabled
rest.profiling.history-size
rest.retry.delay
rest.retry.max-attempts
rest.server.max-content-length
rest.server.numThreads
rest.server.thread-priority
rest.url-prefix
restart-strategy restart-strategy.type
restart-strategy.exponential-delay.attempts-before-reset-backoff
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
restart-strategy.type
savepoints.state.backend.fs.dir execution.checkpointing.savepoint-dir
scheduler-mode
scope.delimiter
scope.variables.additional
scope.variables.excludes
security.context.factory.classes
security.delegation.tokens.enabled
security.delegation.tokens.renewal.retry.backoff
security.delegation.tokens.renewal.time-ratio
security.kerberos.access.hadoopFileSystems
security.kerberos.fetch.delegation-token security.delegation.tokens.enabled
security.kerberos.krb5-conf.path
security.kerberos.login.contexts
security.kerberos.login.keytab
security.kerberos.login.principal
security.kerberos.login.use-ticket-cache
security.kerberos.relogin.period
security.kerberos.tokens.renewal.retry.backoff security.delegation.tokens.renewal.retry.backoff
security.kerberos.tokens.renewal.time-ratio security.delegation.tokens.renewal.time-ratio
security.keytab security.kerberos.login.keytab
security.module.factory.classes
security.principal security.kerberos.login.principal
security.ssl.algorithms
security.ssl.close-notify-flush-timeout security.ssl.internal.close-notify-flush-timeout
security.ssl.handshake-timeout security.ssl.internal.handshake-timeout
security.ssl.internal.cert.fingerprint
security.ssl.internal.close-notify-flush-timeout
security.ssl.internal.enabled
security.ssl.internal.handshake-timeout
security.ssl.internal.key-password
security.ssl.internal.keystore
security.ssl.internal.keystore-password
security.ssl.internal.keystore-type
security.ssl.internal.session-cache-size
security.ssl.internal.session-timeout
security.ssl.internal.truststore
security.ssl.internal.truststore-password
security.ssl.internal.truststore-type
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
security.ssl.rest.keystore-type
security.ssl.rest.truststore
security.ssl.rest.truststore-password
security.ssl.rest.truststore-type
security.ssl.session-cache-size security.ssl.internal.session-cache-size
security.ssl.session-timeout security.ssl.internal.session-timeout
security.ssl.truststore
security.ssl.truststore-password
security.ssl.verify-hostname
shuffle-service-factory.class
sink.committer.retries
slot.idle.timeout
slot.request.max-interval
slot.request.timeout
slotmanager.declare-needed-resource.delay
slotmanager.max-total-resource.cpu
slotmanager.max-total-resource.memory
slotmanager.min-total-resource.cpu
slotmanager.min-total-resource.memory
slotmanager.number-of-slots.max
slotmanager.number-of-slots.min
slotmanager.redundant-taskmanager-num
slotmanager.requirement-check.delay
slotmanager.taskmanager-timeout resourcemanager.taskmanager-timeout
slow-task-detector.check-interval
slow-task-detector.execution-time.baseline-lower-bound
slow-task-detector.execution-time.baseline-multiplier
slow-task-detector.execution-time.baseline-ratio
state.backend state.backend.type
state.backend.changelog.enabled state.changelog.enabled
state.backend.changelog.max-failures-allowed state.changelog.max-failures-allowed
state.backend.changelog.periodic-materialize.enabled state.changelog.periodic-materialize.enabled
state.backend.changelog.periodic-materialize.interval state.changelog.periodic-materialize.interval
state.backend.changelog.storage state.changelog.storage
state.backend.fs.checkpointdir execution.checkpointing.dir
state.backend.fs.memory-threshold execution.checkpointing.data-inline-threshold
state.backend.fs.write-buffer-size execution.checkpointing.write-buffer-size
state.backend.incremental execution.checkpointing.incremental
state.backend.latency-track.history-size state.latency-track.history-size
state.backend.latency-track.keyed-state-enabled state.latency-track.keyed-state-enabled
state.backend.latency-track.sample-interval state.latency-track.sample-interval
state.backend.latency-track.state-name-as-variable state.latency-track.state-name-as-variable
state.backend.local-recovery execution.checkpointing.local-backup.enabled
state.backend.rocksdb.block.blocksize
state.backend.rocksdb.block.cache-size
state.backend.rocksdb.block.metadata-blocksize
state.backend.rocksdb.bloom-filter.bits-per-key
state.backend.rocksdb.bloom-filter.block-based-mode
state.backend.rocksdb.checkpoint.transfer.thread.num
state.backend.rocksdb.compaction.filter.periodic-compaction-time
state.backend.rocksdb.compaction.filter.query-time-after-num-entries
state.backend.rocksdb.compaction.level.max-size-level-base
state.backend.rocksdb.compaction.level.target-file-size-base
state.backend.rocksdb.compaction.level.use-dynamic-size
state.backend.rocksdb.compaction.style
state.backend.rocksdb.compression.per.level
state.backend.rocksdb.files.open
state.backend.rocksdb.incremental-restore-async-compact-after-rescale
state.backend.rocksdb.localdir
state.backend.rocksdb.log.dir
state.backend.rocksdb.log.file-num
state.backend.rocksdb.log.level
state.backend.rocksdb.log.max-file-size
state.backend.rocksdb.manual-compaction.max-auto-compactions
state.backend.rocksdb.manual-compaction.max-file-size-to-compact
state.backend.rocksdb.manual-compaction.max-files-to-compact
state.backend.rocksdb.manual-compaction.max-output-file-size
state.backend.rocksdb.manual-compaction.max-parallel-compactions
state.backend.rocksdb.manual-compaction.min-files-to-compact
state.backend.rocksdb.manual-compaction.min-interval
state.backend.rocksdb.memory.fixed-per-slot
state.backend.rocksdb.memory.fixed-per-tm
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
state.backend.rocksdb.metrics.bloom-filter-full-positive
state.backend.rocksdb.metrics.bloom-filter-full-true-positive
state.backend.rocksdb.metrics.bloom-filter-useful
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
state.backend.rocksdb.metrics.num-files-at-level
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
state.backend.rocksdb.rescaling.use-delete-files-in-range
state.backend.rocksdb.restore-overlap-fraction-threshold
state.backend.rocksdb.thread.num
state.backend.rocksdb.timer-service.cache-size
state.backend.rocksdb.timer-service.factory
state.backend.rocksdb.use-bloom-filter
state.backend.rocksdb.use-ingest-db-restore-mode
state.backend.rocksdb.write-batch-size
state.backend.rocksdb.writebuffer.count
state.backend.rocksdb.writebuffer.number-to-merge
state.backend.rocksdb.writebuffer.size
state.backend.type
state.changelog.dstl.dfs.base-path
state.changelog.dstl.dfs.batch.persist-delay
state.changelog.dstl.dfs.batch.persist-size-threshold
state.changelog.dstl.dfs.compression.enabled
state.changelog.dstl.dfs.discard.num-threads
state.changelog.dstl.dfs.download.local-cache.idle-timeout-ms
state.changelog.dstl.dfs.preemptive-persist-threshold
state.changelog.dstl.dfs.upload.buffer-size
state.changelog.dstl.dfs.upload.max-attempts
state.changelog.dstl.dfs.upload.max-in-flight
state.changelog.dstl.dfs.upload.next-attempt-delay
state.changelog.dstl.dfs.upload.num-threads
state.changelog.dstl.dfs.upload.retry-policy
state.changelog.dstl.dfs.upload.timeout
state.changelog.enabled
state.changelog.max-failures-allowed
state.changelog.periodic-materialize.enabled
state.changelog.periodic-materialize.interval
state.changelog.storage
state.checkpoint-storage execution.checkpointing.storage
state.checkpoint.cleaner.parallel-mode execution.checkpointing.cleaner.parallel-mode
state.checkpoints.create-subdir execution.checkpointing.create-subdir
state.checkpoints.dir execution.checkpointing.dir
state.checkpoints.num-retained execution.checkpointing.num-retained
state.latency-track.history-size
state.latency-track.keyed-state-enabled
state.latency-track.sample-interval
state.latency-track.state-name-as-variable
state.savepoints.dir execution.checkpointing.savepoint-dir
state.size-track.history-size
state.size-track.keyed-state-enabled
state.size-track.sample-interval
state.size-track.state-name-as-variable
state.storage.fs.memory-threshold execution.checkpointing.data-inline-threshold
state.storage.fs.write-buffer-size execution.checkpointing.write-buffer-size
statebackend.useManagedMemory
task.cancellation-interval task.cancellation.interval
task.cancellation.interval
task.cancellation.timeout
task.cancellation.timers.timeout
taskmanager.bind-host
taskmanager.collect-sink.port
taskmanager.cpu.cores
taskmanager.data.bind-port
taskmanager.data.port
taskmanager.data.ssl.enabled
taskmanager.debug.memory.log
taskmanager.debug.memory.log-interval
taskmanager.debug.memory.logIntervalMs taskmanager.debug.memory.log-interval
taskmanager.debug.memory.startLogThread taskmanager.debug.memory.log
taskmanager.host
taskmanager.jvm-exit-on-oom
taskmanager.load-balance.mode
taskmanager.log.path
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
taskmanager.memory.starting-segment-size
taskmanager.memory.task.heap.size
taskmanager.memory.task.off-heap.size
taskmanager.net.client.connectTimeoutSec taskmanager.network.netty.client.connectTimeoutSec
taskmanager.net.request-backoff.initial taskmanager.network.request-backoff.initial
taskmanager.net.request-backoff.max taskmanager.network.request-backoff.max
taskmanager.network.bind-policy
taskmanager.network.compression.codec
taskmanager.network.detailed-metrics
taskmanager.network.hybrid-shuffle.external-remote-tier-factory.class
taskmanager.network.hybrid-shuffle.remote.path
taskmanager.network.memory.buffer-debloat.enabled
taskmanager.network.memory.buffer-debloat.period
taskmanager.network.memory.buffer-debloat.samples
taskmanager.network.memory.buffer-debloat.target
taskmanager.network.memory.buffer-debloat.threshold-percentages
taskmanager.network.memory.buffers-request-timeout
taskmanager.network.memory.exclusive-buffers-request-timeout-ms taskmanager.network.memory.buffers-request-timeout
taskmanager.network.memory.fraction taskmanager.memory.network.fraction
taskmanager.network.memory.max taskmanager.memory.network.max
taskmanager.network.memory.min taskmanager.memory.network.min
taskmanager.network.memory.read-buffer.required-per-gate.max
taskmanager.network.netty.client.connectTimeoutSec
taskmanager.network.netty.client.tcp.keepCount
taskmanager.network.netty.client.tcp.keepIdleSec
taskmanager.network.netty.client.tcp.keepIntervalSec
taskmanager.network.partition-request-timeout
taskmanager.network.request-backoff.initial
taskmanager.network.request-backoff.max
taskmanager.network.retries
taskmanager.network.sort-shuffle.min-buffers
taskmanager.network.tcp-connection.enable-reuse-across-jobs
taskmanager.numberOfTaskSlots
taskmanager.registration.timeout
taskmanager.resource-id
taskmanager.rpc.bind-port
taskmanager.rpc.port
taskmanager.runtime.fs-timeout
taskmanager.runtime.fs_timeout taskmanager.runtime.fs-timeout
taskmanager.runtime.hashjoin-bloom-filters
taskmanager.runtime.large-record-handler
taskmanager.runtime.max-fan
taskmanager.runtime.sort-spilling-threshold
taskmanager.slot.timeout
taskmanager.state.local.root-dirs execution.checkpointing.local-backup.dirs
taskmanager.system-out.log.cache-upper-size
taskmanager.system-out.log.thread-name.enabled
taskmanager.system-out.mode
taskmanager.tmp.dirs io.tmp.dirs
timerservice.exceptional.shutdown.timeout task.cancellation.timers.timeout
traces.checkpoint.span-detail-level
traces.report-events-as-spans
traces.reporters
user.artifacts.artifact-list
user.artifacts.base-dir
user.artifacts.http-headers
user.artifacts.raw-http-enabled
vertexID
web.access-control-allow-origin
web.address rest.bind-address
web.cancel.enable
web.checkpoints.history
web.exception-history-size
web.history
web.log.path
web.port rest.bind-port
web.refresh-interval
web.rescale.enable
web.submit.enable
web.timeout
web.tmpdir
web.upload.dir
yarn.security.kerberos.additionalFileSystems security.kerberos.access.hadoopFileSystems
zookeeper.sasl.disable
zookeeper.sasl.login-context-name
zookeeper.sasl.service-name
`
