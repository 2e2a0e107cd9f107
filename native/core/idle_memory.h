// Memory that is kept for the next call, and given back once none comes.
#pragma once

namespace kleio {

// What keeps such memory, known to give_back_idle_memory from `join` to `leave`.
class IdleMemory {
 public:
  IdleMemory() = default;
  IdleMemory(const IdleMemory&) = delete;
  IdleMemory& operator=(const IdleMemory&) = delete;

 protected:
  ~IdleMemory() { leave(); }
  // Last thing in the constructor of who keeps: any thread may call `forget` from then on.
  void join() noexcept;
  // First thing in the destructor of who keeps: afterwards nobody calls `forget` any more.
  void leave() noexcept;

 private:
  friend void give_back_idle_memory() noexcept;
  virtual void forget() noexcept = 0;

  IdleMemory* previous_ = nullptr;
  IdleMemory* next_ = nullptr;
  bool known_ = false;
};

// Of everything in the process that keeps some. From any thread.
void give_back_idle_memory() noexcept;

// Who sees when there has been no work for a while, and then gives idle memory back.
class IdleWatch {
 public:
  IdleWatch() = default;
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;

 protected:
  ~IdleWatch() { end_watch(); }
  // Once `expect` can be called.
  void begin_watch() noexcept;
  // Before anything goes that `expect` uses.
  void end_watch() noexcept;

 private:
  friend void expect_idle_memory() noexcept;
  virtual void expect() noexcept = 0;
};

// There is much to give back once no work comes. Without anybody who watches, it goes now.
void expect_idle_memory() noexcept;

}  // namespace kleio
