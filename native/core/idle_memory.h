// Memory that is kept for the next call, and given back once none comes.
#pragma once

namespace kleio {

// What keeps such memory, known to give_back_idle_memory for as long as it lives.
class IdleMemory {
 public:
  IdleMemory() noexcept;
  IdleMemory(const IdleMemory&) = delete;
  IdleMemory& operator=(const IdleMemory&) = delete;

 protected:
  ~IdleMemory() { leave(); }
  // First thing in the destructor of who keeps: afterwards nobody calls `forget` any more.
  void leave() noexcept;

 private:
  friend void give_back_idle_memory() noexcept;
  virtual void forget() noexcept = 0;

  IdleMemory* previous_ = nullptr;
  IdleMemory* next_ = nullptr;
  bool known_ = true;
};

// Of everything in the process that keeps some. From any thread.
void give_back_idle_memory() noexcept;

// Who sees when there has been no work for a while, and then gives idle memory back.
class IdleWatch {
 public:
  IdleWatch() noexcept;
  IdleWatch(const IdleWatch&) = delete;
  IdleWatch& operator=(const IdleWatch&) = delete;

 protected:
  ~IdleWatch() { end_watch(); }
  // Before anything goes that `expect` uses.
  void end_watch() noexcept;

 private:
  friend void expect_idle_memory() noexcept;
  virtual void expect() noexcept = 0;
};

// There is much to give back once no work comes. Without anybody who watches, it goes now.
void expect_idle_memory() noexcept;

}  // namespace kleio
