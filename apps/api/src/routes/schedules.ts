import type { ScheduleView } from '@vesemir/contract'
import {
  forgetReplaced,
  nextRoundMs,
  unknownApplication,
  visibleApplication,
  type Applications,
  type ConvergeRounds,
  type HostHistory,
  type PlaceSchedule,
} from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { registerRoute } from '../register-route.ts'

interface SchedulePorts {
  applications: Pick<Applications, 'read' | 'listSchedules'>
  convergeRounds: Pick<ConvergeRounds, 'read'>
  hostHistory: Pick<HostHistory, 'readWanted'>
}

/** Adds the route that shows when hosts that are behind get what should run without anyone asking. */
export function registerSchedules(app: FastifyInstance, ports: SchedulePorts): void {
  const { applications } = ports
  registerRoute(app, 'listSchedules', {
    access: 'signed-in',
    async handle({ params: { name }, request: { caller } }) {
      const definition = await applications.read(name)
      const visible = definition && visibleApplication(definition, caller.grants)
      if (!visible) throw unknownApplication(name)
      const { environments = {} } = visible
      const schedules = (await applications.listSchedules()).filter(
        ({ application, environment }) => application === name && Object.hasOwn(environments, environment),
      )
      return { schedules: await Promise.all(schedules.map((schedule) => show(schedule, ports))) }
    },
  })
}

async function show(schedule: PlaceSchedule, ports: SchedulePorts): Promise<ScheduleView> {
  const { convergeRounds, hostHistory } = ports
  const { environment, every, by } = schedule
  const [kept, { wanted }] = await Promise.all([convergeRounds.read(schedule), hostHistory.readWanted(schedule)])
  const round = forgetReplaced(kept, wanted?.release)
  const { release: _release, hosts: _hosts, again, ...last } = round ?? {}
  return {
    environment,
    every,
    ...(by ? { by: by.name } : {}),
    ...(round
      ? {
          last: { ...last, at: round.at, outcome: round.outcome },
          next: new Date(nextRoundMs(every, round)).toISOString(),
        }
      : {}),
    ...(again === undefined ? {} : { again }),
  }
}
