import kafkajs from 'kafkajs'

/** Removes every topic whose name begins so. */
export const deleteTopics = async (brokers: readonly string[], prefix: string): Promise<void> => {
  const logLevel = kafkajs.logLevel.NOTHING
  const admin = new kafkajs.Kafka({ brokers: [...brokers], logLevel }).admin()
  await admin.connect()
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  await admin.disconnect()
}
