// The least that can take a deployment: one Fastify route that adds one job. `node bare-route.ts <port> <Redis URL>`.
import { Queue } from 'bullmq'
import fastify from 'fastify'
import { Redis } from 'ioredis'

const [port, redisUrl] = process.argv.slice(2) as [string, string]
const queue = new Queue('bare', { connection: new Redis(redisUrl, { maxRetriesPerRequest: null }) })
const app = fastify()
app.post('/deployments', async (request, reply) => {
  const job = await queue.add('deploy', request.body)
  return reply.status(202).send({ id: job.id })
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
process.stdout.write('listening\n')
