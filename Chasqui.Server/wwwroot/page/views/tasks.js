import { h, icon, name, reconcile, spinner } from "../base/dom.js";
import { fullTime, shortTime } from "../base/times.js";

/** There are no events for tasks: while they are shown, they are read again at intervals. */
const refreshMs = 15_000;

/** The task list that all users of the server share. */
export class TasksView {
  title = "Tasks";
  #api;
  #timer;
  #stop;
  #tasks = null;
  #items = h("ul", { class: "task-list", role: "list" });
  #note = h("div", { class: "list-note" });
  #summary = h("p", { class: "muted" });
  #error = h("p", { class: "form-error", role: "alert" });
  #input = h("input", { id: "new-task", maxlength: 500, placeholder: "Add a task", "aria-label": "New task", dir: "auto", autocomplete: "off" });
  #listening = new AbortController();

  constructor(chat) {
    this.#api = chat.api;
    this.element = h("section", { class: "tasks", "aria-label": "Tasks" },
      h("header", { class: "conversation-head" },
        h("a", { class: "icon-button back", href: "#", "aria-label": "Back to the list", title: "Back to the list" }, icon("back")),
        h("div", { class: "conversation-title" }, h("h1", {}, "Tasks"), this.#summary)),
      h("div", { class: "tasks-body" },
        h("form", { class: "task-new", onsubmit: event => this.#add(event) }, this.#input, h("button", { class: "button primary" }, "Add")),
        this.#error, this.#items, this.#note));
    this.#note.append(spinner("Loading tasks"));
    const refresh = () => document.hidden || this.#refresh();
    document.addEventListener("visibilitychange", refresh, { signal: this.#listening.signal });
    this.#stop = chat.connection.on("online", refresh);
    this.#timer = setInterval(refresh, refreshMs);
    this.#refresh();
  }

  close() {
    this.#listening.abort();
    clearInterval(this.#timer);
    this.#stop();
  }

  focus() {
    if (!matchMedia("(pointer: coarse)").matches) {
      this.#input.focus();
    }
  }

  #refresh() {
    return this.#attempt(async () => {
      this.#tasks = await this.#api.get("tasks");
    });
  }

  async #add(event) {
    event.preventDefault();
    const task = this.#input.value.trim();
    if (task && await this.#attempt(async () => this.#tasks.push(await this.#api.post("tasks", { task_name: task })))) {
      this.#input.value = "";
    }
  }

  #tick(uuid, box) {
    return this.#attempt(async () => {
      const changed = await this.#api.patch(`tasks/${encodeURIComponent(uuid)}`, { completed: box.checked });
      this.#tasks = this.#tasks.map(each => each.uuid === uuid ? changed : each);
    }).then(isDone => {
      if (!isDone) {
        box.checked = !box.checked;
      }
    });
  }

  async #attempt(action) {
    try {
      await action();
      this.#error.textContent = "";
      return true;
    } catch (error) {
      this.#error.textContent = `${error.message}.`;
      return false;
    } finally {
      this.#render();
    }
  }

  #render() {
    if (!this.#tasks || this.#listening.signal.aborted) {
      return;
    }
    const open = this.#tasks.filter(task => !task.completed);
    const done = this.#tasks.filter(task => task.completed);
    this.#summary.textContent = `${open.length} open, ${done.length} done. Shared by all users of this server.`;
    this.#note.replaceChildren(...this.#tasks.length ? [] : [h("p", { class: "muted" }, "Nothing to do.")]);
    reconcile(this.#items, [...open, ...done].map(task => ({
      key: task.uuid, version: `${task.completed}`, build: () => this.#row(task),
    })));
  }

  #row(task) {
    const id = `task-${task.uuid}`;
    const box = h("input", { type: "checkbox", id, onchange: () => this.#tick(task.uuid, box) });
    box.checked = task.completed;
    return h("li", { class: task.completed ? "task done" : "task" }, box,
      h("label", { for: id }, name(task.task_name)),
      h("time", { class: "muted", datetime: task.created_at, title: fullTime(task.created_at) }, shortTime(task.created_at)));
  }
}
