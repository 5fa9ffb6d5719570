import { describeRedisMemory, isNearlyFull, redisMemoryHint } from '@vesemir/core'
import type { RedisFacts } from './inspect-redis.ts'

/** What is wrong with a Redis; `isUnsafe` where deployments cannot rely on it. */
interface RedisFinding {
  problem: string
  isUnsafe: boolean
}

/** As BullMQ recommends. */
const oldestVersion = [6, 2] as const

/** Says what of a Redis endangers what it keeps, or will not work ([why](../../../../docs/decisions/0075-which-redis.md)). */
export function judgeRedis(facts: RedisFacts): RedisFinding[] {
  const { version, policy, isAppended, appendFsync, save, isReplica, isClusterNode, memory, forbidden } = facts
  const findings: (RedisFinding | false)[] = [
    policy !== undefined &&
      policy !== 'noeviction' && {
        problem: `maxmemory-policy is ${policy}: Redis drops deployments and jobs when its memory is full. Set noeviction`,
        isUnsafe: true,
      },
    forbidden.length > 0 && {
      problem: `the user of Redis may not run ${forbidden.join(', ')} (docs/security.md has what it needs)`,
      isUnsafe: true,
    },
    isClusterNode === true && {
      problem: 'Redis is a node of a cluster: name its nodes in redis.nodes',
      isUnsafe: true,
    },
    isAppended === false && {
      problem: `appendonly is no: a restart loses ${save === '' ? 'all deployments' : 'what was written since the last save'}. Set yes`,
      isUnsafe: false,
    },
    appendFsync === 'no' && {
      problem: 'appendfsync is no: a power loss loses minutes. Set always or everysec',
      isUnsafe: false,
    },
    memory !== undefined &&
      isNearlyFull(memory) && {
        problem: `Redis has little memory left: ${describeRedisMemory(memory)}. ${redisMemoryHint}`,
        isUnsafe: false,
      },
    isReplica === true && { problem: 'Redis is a replica, which takes no writes', isUnsafe: false },
    version !== undefined &&
      isOlder(version) && {
        problem: `Redis ${version} is older than ${oldestVersion.join('.')}, which is the oldest that is tested`,
        isUnsafe: false,
      },
  ]
  return findings.filter((finding) => finding !== false)
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])
}
