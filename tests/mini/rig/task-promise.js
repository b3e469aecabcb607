/* Promise as some runtimes have it: made of setTimeout, so that every reaction is a task of its own. */
(function () {
  function Task(run) {
    var me = this;
    var told = false;
    me.state = 0;
    me.value = undefined;
    me.waiting = [];
    function settle(state, value) {
      me.state = state;
      me.value = value;
      me.waiting.splice(0).forEach(me.react);
    }
    function adopt(value) {
      var then;
      if (value === me) return settle(2, new TypeError("a promise of itself"));
      if (!value || (typeof value !== "object" && typeof value !== "function")) return settle(1, value);
      try {
        then = value.then;
      } catch (error) {
        return settle(2, error);
      }
      if (typeof then !== "function") return settle(1, value);
      setTimeout(function () {
        var once = false;
        function first(next) {
          return function (result) {
            if (once) return;
            once = true;
            next(result);
          };
        }
        try {
          then.call(value, first(adopt), first(function (error) { settle(2, error); }));
        } catch (error) {
          first(function (problem) { settle(2, problem); })(error);
        }
      }, 0);
    }
    me.react = function (reaction) {
      setTimeout(function () {
        var handler = reaction[me.state - 1];
        if (typeof handler !== "function") return reaction[me.state + 1](me.value);
        try {
          reaction[2](handler(me.value));
        } catch (error) {
          reaction[3](error);
        }
      }, 0);
    };
    function only(next) {
      return function (value) {
        if (told) return;
        told = true;
        next(value);
      };
    }
    try {
      run(only(adopt), only(function (error) { settle(2, error); }));
    } catch (error) {
      only(function (problem) { settle(2, problem); })(error);
    }
  }
  Task.prototype.then = function (fulfilled, rejected) {
    var me = this;
    return new Task(function (resolve, reject) {
      var reaction = [fulfilled, rejected, resolve, reject];
      if (me.state) me.react(reaction);
      else me.waiting.push(reaction);
    });
  };
  Task.prototype.catch = function (rejected) { return this.then(undefined, rejected); };
  Task.resolve = function (value) { return value instanceof Task ? value : new Task(function (resolve) { resolve(value); }); };
  Task.reject = function (error) { return new Task(function (_, reject) { reject(error); }); };
  Task.all = function (list) {
    return new Task(function (resolve, reject) {
      var values = [];
      var left = list.length;
      if (left === 0) resolve(values);
      list.forEach(function (each, at) {
        Task.resolve(each).then(function (value) {
          values[at] = value;
          left -= 1;
          if (left === 0) resolve(values);
        }, reject);
      });
    });
  };
  Promise = Task;
})();
