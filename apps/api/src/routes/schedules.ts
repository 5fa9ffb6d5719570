import { unknownApplication, visibleApplication, type Applications } from '@vesemir/core'
import type { FastifyInstance } from 'fastify'
import { showSchedule, type SchedulePorts } from '../converge/show-schedule.ts'
import { registerRoute } from '../register-route.ts'

interface Ports extends SchedulePorts {
  applications: Pick<Applications, 'read' | 'listSchedules'>
}

/** Adds the route that shows when hosts that are behind get what should run without anyone asking. */
export function registerSchedules(app: FastifyInstance, ports: Ports): void {
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
      return { schedules: await Promise.all(schedules.map((schedule) => showSchedule(schedule, ports))) }
    },
  })
}
