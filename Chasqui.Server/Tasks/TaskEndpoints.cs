using System.Net.Mime;
using Chasqui.Server.Errors;
using Chasqui.Server.Http;
using Chasqui.Server.Limits;

namespace Chasqui.Server.Tasks;

internal static class TaskEndpoints
{
    private const int MaxNameCharacters = 500;

    public static void MapTasks(this RouteGroupBuilder api)
    {
        var tasks = api.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapGet("/", List).WithSummary("All tasks, oldest first").WithDescription("Tasks are shared by all users of the server.");
        tasks.MapPost("/", Add).WithSummary("Adds a task")
            .Refuses(ErrorCodes.InvalidField, ErrorCodes.TooManyTasks).RefusesWrites();
        tasks.MapPatch("/{uuid}", Complete).WithSummary("Marks a task as done, or as open again")
            .WithDescription("Without a body the task is marked as done.")
            .Accepts<TaskChange>(isOptional: true, MediaTypeNames.Application.Json, RequestChecks.AnyType)
            .Refuses(ErrorCodes.TaskNotFound).RefusesWrites();
    }

    private static Ok<IAsyncEnumerable<TaskItem>> List(
        TaskStore tasks, UserAllowances allowances, ClaimsPrincipal caller, CancellationToken cancellationToken) =>
        TypedResults.Ok(ListAsync(tasks, allowances.Of(caller.GetUserId())?.Work, cancellationToken));

    private static async Task<Results<Ok<TaskItem>, ProblemHttpResult>> Add(NewTask body, TaskStore tasks, ClaimsPrincipal caller) =>
        body.TaskName is not { } name ? Refusal.Of(ErrorCodes.InvalidField, "The field 'task_name' is missing")
        : !VisibleText.IsName(name) || name.EnumerateRunes().Count() > MaxNameCharacters
            ? Refusal.Of(
                ErrorCodes.InvalidField, $"The field 'task_name' must be one line of 1 to {MaxNameCharacters} characters and not blank")
        : await tasks.AddAsync(caller.GetUserId(), name) is { } task ? TypedResults.Ok(task)
        : Refusal.Of(ErrorCodes.TooManyTasks);

    private static async IAsyncEnumerable<TaskItem> ListAsync(
        TaskStore tasks, Allowance? work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await (work?.WhenWithinAsync(cancellationToken) ?? Task.CompletedTask);
        await foreach (var task in tasks.ListAsync(cancellationToken))
        {
            // Not at the end: others of the same user would begin meanwhile.
            work?.Charge(1);
            yield return task;
        }
    }

    private static async Task<Results<Ok<TaskItem>, ProblemHttpResult>> Complete(
        string uuid, HttpRequest request, TaskStore tasks, CancellationToken cancellationToken)
    {
        var change = await RequestChecks.ReadOptionalAsync<TaskChange>(request, cancellationToken);
        return Guid.TryParseExact(uuid, "D", out var id) && await tasks.SetCompletedAsync(id, change?.Completed ?? true) is { } task
            ? TypedResults.Ok(task)
            : Refusal.Of(ErrorCodes.TaskNotFound);
    }
}

/// <summary>A new task.</summary>
/// <param name="TaskName">The task: one line, not blank, at most 500 characters.</param>
internal sealed record NewTask(string? TaskName);

/// <summary>What to change.</summary>
/// <param name="Completed">Done or not; without it, done.</param>
internal sealed record TaskChange(bool? Completed = null);
