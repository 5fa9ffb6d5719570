export { actionOfCommand, actionTable, highestRole } from './access/actions.ts'
export { changedSettings } from './access/changed-settings.ts'
export {
  decide,
  describeGrant,
  findGrant,
  mayInCluster,
  rolesAt,
  type Decision,
  type Subject,
} from './access/decide.ts'
export { grantWithin } from './access/grant-within.ts'
export { matchesPattern } from './access/matches-pattern.ts'
export { refuseUnprotected } from './access/protected-definition.ts'
export { refuseProtectedSettings } from './access/protected-settings.ts'
export { refuseGoingBack } from './access/refuse-going-back.ts'
export {
  describeFreezes,
  freezeToWaitFor,
  refuseCommand,
  refuseDeployment,
  refuseUnlock,
  warnOfRules,
  type Rules,
} from './access/rules.ts'
export { definedSubjects, subjectOf, visibleApplication } from './access/visible-application.ts'
export {
  applyDeploymentFact,
  applyEvent,
  applyHostFact,
  isEnded,
  newDeployment,
  pendingHost,
  withCommand,
  type CommandedEvent,
} from './apply-event.ts'
export { restoreLastWalk, goneHost, isRequeued, lastWalkOf, requeuedHost } from './walk-again.ts'
export { claimWith } from './claim-with.ts'
export { beginRound, forgetReplaced, nextRoundMs, noteBehind, noteSkipped, schedulesOf } from './converge-schedule.ts'
export { chooseRollback, listRollbackVersions, neededToGoBack, type RollbackChoice } from './choose-rollback.ts'
export { admitCommand, isCancelledNow } from './commands.ts'
export {
  compareDeployments,
  type ComparedDeployment,
  type DeploymentComparison,
  type HostOutcome,
} from './compare-deployments.ts'
export { deadlineIn, type Deadline } from './deadline.ts'
export { VesemirError, errorTable, isVesemirError, toFailure, type ErrorCode } from './errors.ts'
export { planImport, type ImportItem, type ImportOutcome, type Transferred } from './transfer/plan-import.ts'
export { describeBytes } from './describe-bytes.ts'
export { describeRedisMemory, isNearlyFull, redisMemoryHint } from './redis-memory.ts'
export { clustersOf, clustersWithoutWorker, lostAfterMs, refuseDrain, viewWorker, type KnownWorker } from './workers.ts'
export { findStall, shouldProgress, type OverdueStep, type Stall } from './find-stall.ts'
export { countEnd, emptyDay, type PlaceHistory } from './statistics/count-end.ts'
export { dateOf, lastDates, reportStatistics, weeksIn, type PlaceDays } from './statistics/report-statistics.ts'
export { peersByStage } from './peers/peers-by-stage.ts'
export { peersOverTime, type BackendPeersOverTime, type PeersPoint } from './peers/peers-over-time.ts'
export { isTcp, judgedWorse, ratesOf, verdictOn, type Rates, type Verdict } from './peers/verdict-on.ts'
export { capacityOverTime, type BackendOverTime } from './timeline/capacity-over-time.ts'
export { laneGroups, type LaneGroup } from './timeline/lane-groups.ts'
export { endOf, momentAt, nowAfter, placeAt, timeScale, type TimeScale } from './timeline/time-scale.ts'
export {
  timelineOf,
  type HostLane,
  type Lasting,
  type Phase,
  type StepBar,
  type TaskBar,
  type Timeline,
  type Wait,
} from './timeline/timeline-of.ts'
export { findFailureCauses } from './find-failure-causes.ts'
export { isChanging } from './is-changing.ts'
export { isOver } from './is-over.ts'
export { isIncomplete, lacksHosts } from './is-incomplete.ts'
export { isOutlived, isYoung, type Retention } from './is-outlived.ts'
export { countHosts, noHosts } from './host-counts.ts'
export { isLowerVersion } from './versions.ts'
export { unknownApplication } from './unknown-application.ts'
export { runningMs } from './running-ms.ts'
export { noticesOf, type AddressedNotice } from './notices-of.ts'
export type {
  ChangesetOf,
  ChangesetStrategy,
  Changesets,
  InspectContext,
  IntroduceContext,
  Inspection,
  ReleaseOf,
  ProveContext,
  RevertContext,
  Staged,
  StrategyName,
} from './ports/changesets.ts'
export type { Applications, PlaceSchedule } from './ports/applications.ts'
export type { ConvergeRounds } from './ports/converge-rounds.ts'
export type { Claims } from './ports/claims.ts'
export type { Commands } from './ports/commands.ts'
export type { DeploymentClaim, EndFact, HostEnded, HostRuns } from './ports/deployment-claim.ts'
export type { DeploymentIndex } from './ports/deployment-index.ts'
export type { ApplicationLocks } from './ports/application-locks.ts'
export type { Created, DeploymentOrder, Deployments, VerifiedDeployment } from './ports/deployments.ts'
export type { EventLog, FollowOptions } from './ports/event-log.ts'
export type { DeferredFact, HostClaim, HostEnd } from './ports/host-claim.ts'
export type { Clock } from './ports/clock.ts'
export type { HostHistory, HostsSelection } from './ports/host-history.ts'
export type { ChangeListener, Changes } from './ports/changes.ts'
export type { HostJobs, WalkToStart } from './ports/host-jobs.ts'
export type { Found, Inventory } from './ports/inventory.ts'
export type {
  BalancerCapabilities,
  LoadBalancer,
  LoadBalancerSession,
  Located,
  LocatedHost,
  ServerAmongPeers,
  ServerControl,
  ServerFigures,
  ServerWeight,
} from './ports/load-balancer.ts'
export type { Lease, Locks } from './ports/locks.ts'
export type { NoticeProgress } from './ports/notice-progress.ts'
export type { NoticedDeployment, Notices } from './ports/notices.ts'
export type { Epoch } from './ports/epoch.ts'
export type { HostMark, Mark, MarkScope, Marks } from './ports/marks.ts'
export type { Owner, Owners, Resource } from './ports/owners.ts'
export type { ApplicationEnvironment } from './ports/application-environment.ts'
export type { Plans, StoredPlan } from './ports/plans.ts'
export type { Statistics } from './ports/statistics.ts'
export type { KnownApplication, KnownApplications } from './ports/known-applications.ts'
export { hasWords, ownWords, wordsOf } from './words-of.ts'
export { isOpenFailure } from './overview/is-open-failure.ts'
export { overviewFor } from './overview/overview-for.ts'
export { placesOf } from './overview/places-of.ts'
export type {
  HttpAnswer,
  HttpRequest,
  ProbeOptions,
  Probes,
  ProbeTarget,
  RemoteSession,
  RemoteShell,
  OnLine,
  RunOptions,
} from './ports/remote-shell.ts'
export type {
  ServiceContext,
  ServiceKind,
  ServiceManager,
  ServiceManagers,
  ServiceOf,
} from './ports/service-managers.ts'
export type { Secrets } from './ports/secrets.ts'
export type { TaskOptions, WorkerTasks } from './ports/worker-tasks.ts'
export type { Turns } from './ports/turns.ts'
export type { JournalEntry, LeftServer, NotedServer, TrafficJournal } from './ports/traffic-journal.ts'
export { serverResource } from './ownership.ts'
export { isInService, isSameServer } from './servers.ts'
export { progressOf, timeLeftMs } from './progress.ts'
export { refuseChangedSettings } from './plan-changes.ts'
export { proveHost } from './prove-host.ts'
export { previewPlan } from './preview-plan.ts'
export { describeTask } from './describe-tasks.ts'
export { hasBegun, listTasks, type TaskTurn } from './next-task.ts'
export { addSettings, resolveSpec } from './resolve-spec.ts'
export { sayMayRun } from './say-may-run.ts'
export {
  compareHost,
  reportRelease,
  wantedAfter,
  wantedOn,
  wantedWithout,
  type InstalledRelease,
  type ReportedRelease,
  type WantedRelease,
} from './release-report.ts'
export {
  canRetry,
  hostsToRetry,
  hostsToRollBack,
  needsAttention,
  possibleCommands,
  type CommandName,
} from './offered-commands.ts'
export { inParallel } from './in-parallel.ts'
export { hostsToWalk, unknownHosts } from './requeue-hosts.ts'
export { reveal, type Revealed } from './reveal.ts'
export { writeEnvironmentFile } from './environment-file.ts'
export { templateComplaint, writeTemplateValues } from './templates.ts'
export { runHost } from './run-host.ts'
export type { RolloutPorts } from './rollout-ports.ts'
export { makePlan, runRollout, type PlanningPorts } from './run-rollout.ts'
export { isLowCapacity } from './least-capacity.ts'
export { holdLeftServer } from './hold-left-server.ts'
export { findOutOfService } from './out-of-service.ts'
export { listBackends } from './backends.ts'
export { locateEvent } from './locate-event.ts'
export { locateServers } from './locate-servers.ts'
export { describeNothingBehind, findMissed, refuseMissed } from './find-behind.ts'
export { deploymentsSince, readExpected } from './find-expected.ts'
export { findMarked, noteMarked, type Marked, type EnvironmentMachines } from './find-marked.ts'
export { findLeftServers } from './left-servers.ts'
export { putBackServers } from './put-back-servers.ts'
export { describeChanges } from './describe-changes.ts'
export { describeRestart } from './describe-restart.ts'
export { probeOf } from './ask-application.ts'
export type { OnBug } from './report-bug.ts'
export { lacksVersionProof } from './version-proof.ts'
export type { HostPorts } from './walk.ts'
