import Foundation
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("WorkerPool")
struct WorkerPoolTests {
  struct Failed: Error, Equatable { let index: Int }

  @Test("runs every index once and returns results in index order", arguments: [1, 2, 3, 7])
  func order(workers: Int) {
    for count in [0, 1, 2, 100] {
      let runs = Mutex([Int](repeating: 0, count: count))
      let results = WorkerPool.map(count, workers: workers) { index, worker in
        runs.withLock { $0[index] += 1 }
        return (index * index, worker)
      }
      #expect(results.map(\.0) == (0..<count).map { $0 * $0 })
      #expect(results.allSatisfy { (0..<workers).contains($0.1) })
      #expect(runs.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test("a worker never runs two calls at a time")
  func scratch() {
    let busy = Mutex([Bool](repeating: false, count: 4))
    let clashes = Atomic<Int>(0)
    WorkerPool.forEach(200, workers: 4) { _, worker in
      let clash = busy.withLock { busy in
        defer { busy[worker] = true }
        return busy[worker]
      }
      if clash { clashes.add(1, ordering: .relaxed) }
      busy.withLock { $0[worker] = false }
    }
    #expect(clashes.load(ordering: .relaxed) == 0)
  }

  @Test("rethrows the error of the lowest index that fails", arguments: [1, 2, 5])
  func lowestError(workers: Int) {
    for _ in 0..<20 {
      #expect(throws: Failed(index: 7)) {
        try WorkerPool.forEach(100, workers: workers) { (index, _) throws(Failed) in
          // The lower failure comes late, the higher ones at once.
          if index == 7 { Thread.sleep(forTimeInterval: 0.001) }
          if index >= 7 { throw Failed(index: index) }
        }
      }
    }
  }

  @Test("one worker stays on the caller's thread and in order")
  func inline() {
    let thread = ObjectIdentifier(Thread.current)
    let seen = Mutex([Int]())
    WorkerPool.forEach(10, workers: 1) { index, worker in
      #expect(ObjectIdentifier(Thread.current) == thread)
      #expect(worker == 0)
      seen.withLock { $0.append(index) }
    }
    #expect(seen.withLock { $0 } == Array(0..<10))
  }

  @Test("two workers run at the same time, each on a deep stack")
  func concurrent() {
    // Each waits for the other; with one thread this would time out.
    let arrived = Atomic<Int>(0)
    let met = WorkerPool.map(2, workers: 2) { _, _ in
      arrived.add(1, ordering: .sequentiallyConsistent)
      let deadline = Date(timeIntervalSinceNow: 20)
      while arrived.load(ordering: .sequentiallyConsistent) < 2 && Date() < deadline {
        Thread.sleep(forTimeInterval: 0.0005)
      }
      return arrived.load(ordering: .sequentiallyConsistent) == 2
    }
    #expect(met == [true, true])
  }

  @Test("calls nest")
  func nested() {
    let sums = WorkerPool.map(4, workers: 2) { i, _ in
      WorkerPool.map(5, workers: 2) { j, _ in i * j }.reduce(0, +)
    }
    #expect(sums == [0, 10, 20, 30])
  }

  @Test("calls one after another find the threads of those before")
  func reused() {
    // Other tests take threads too, but not 60 times between two calls each.
    let seen = Mutex(Set<String>())
    for _ in 0..<100 {
      WorkerPool.forEach(2, workers: 2) { _, worker in
        // "PROCESS/task/THREAD", whose number the system does not give again soon.
        let thread = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
        _ = seen.withLock { $0.insert(thread ?? UUID().uuidString) }
        // Both indices are taken, one by each, only if the first lasts.
        Thread.sleep(forTimeInterval: 0.0002)
      }
    }
    #expect(seen.withLock { $0.count } < 40)
  }

  @Test("a call that fails leaves threads that work")
  func afterFailure() {
    for round in 0..<50 {
      #expect(throws: Failed(index: 0)) {
        try WorkerPool.forEach(3, workers: 3) { (index, _) throws(Failed) in
          throw Failed(index: index)
        }
      }
      #expect(
        WorkerPool.map(3, workers: 3) { index, _ in index + round } == [0, 1, 2].map { $0 + round })
    }
  }

  @Test("what a call borrows is let go when it returns")
  func releases() {
    final class Borrowed: Sendable {}
    weak var left: Borrowed?
    do {
      let borrowed = Borrowed()
      left = borrowed
      WorkerPool.forEach(8, workers: 3) { _, _ in
        withExtendedLifetime(borrowed) { Thread.sleep(forTimeInterval: 0.0005) }
      }
    }
    #expect(left == nil)
  }
}
