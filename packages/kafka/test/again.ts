/** Repeats a call for some seconds: fresh topics, coordinators and transactions take their time to be ready. */
export async function again<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt === 250) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
