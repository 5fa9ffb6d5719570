export { describeBadge, type Badge } from './badge.ts'
export { badgeLink, describeBadgeReaders, type BadgeLink } from './badge-link.ts'
export { describeCause, nameCauseHosts } from './causes.ts'
export { describePlanChanges, type ChangesPart } from './changes.ts'
export { describeGivenCommand } from './command.ts'
export { describeComparison, type ComparisonTable } from './comparison.ts'
export { count, listFew } from './count.ts'
export { describeCounts, describeDeployment, describeStanding } from './deployment.ts'
export { formatDuration, formatElapsed, formatEstimate, timeTaken } from './duration.ts'
export { describeEvent, describeWait, type Description } from './events.ts'
export {
  archivedRecord,
  describeFailure,
  describeHint,
  fillHint,
  incompleteRecord,
  withoutCommands,
  type HintNames,
} from './failure.ts'
export { type ReaderOptions } from './gate.ts'
export { hostReleaseStatus } from './host-release.ts'
export { describeTimeZone, formatAge, formatDateTime, formatTime } from './moment.ts'
export { describeAttempt, nextSteps, type NextStep } from './next-steps.ts'
export { describeNotice } from './notice.ts'
export { describeNeed, placeFailure, placeStatuses } from './overview.ts'
export { describePeers, describePeersVerdict, peersRates } from './peers.ts'
export { describeChange, describePlan, describeWarnings } from './plan.ts'
export { describeProgress } from './progress.ts'
export { describeRequester, describeSchedule } from './schedule.ts'
export { describeServer, describeServers, serverStatus } from './servers.ts'
export { describeChangeset, describeConcurrency, describeHealthCheck, describeLoadBalancer } from './settings.ts'
export {
  deploymentStatus,
  deploymentStatuses,
  describeHostState,
  hostStatus,
  hostStatuses,
  stepTones,
  trafficWords,
} from './status.ts'
export { describeStall } from './stall.ts'
export { stepPurposes } from './steps.ts'
export { describeTaskResult, failedTask, taskMoments, taskStatus, taskTime } from './tasks.ts'
export {
  barTones,
  describeBar,
  describeCapacity,
  describeLane,
  describePhase,
  describeTaskBar,
  phaseTones,
} from './timeline.ts'
export { describeWorkerJobs, workerStatuses } from './workers.ts'
export {
  quiet,
  strong,
  toned,
  toPlainText,
  type Emphasis,
  type Part,
  type Status,
  type Text,
  type Tone,
} from './text.ts'
