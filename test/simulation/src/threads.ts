import { Worker } from 'node:worker_threads'

/**
 * Has orders carried out on several threads, each of which answers the orders that it is sent one after the other; which thread has which order
 * must not matter. Answers come in any order.
 */
export const onThreads = async <Answer>(
  program: URL,
  orders: readonly unknown[],
  threads: number,
  told: (answer: Answer) => void,
): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  let next = 0
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(program)
      const ask = (): void => {
        if (next < orders.length) worker.postMessage(orders[next++])
        else void worker.terminate().then(() => resolve())
      }
      worker.on('message', (answer: Answer) => {
        answers.push(answer)
        told(answer)
        ask()
      })
      worker.on('error', reject)
      ask()
    })
  await Promise.all(Array.from({ length: Math.min(threads, orders.length) }, work))
  return answers
}
