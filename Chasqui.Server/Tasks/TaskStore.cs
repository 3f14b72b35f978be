using Chasqui.Server.Limits;
using Chasqui.Server.Storage;

namespace Chasqui.Server.Tasks;

/// <summary>A task; all users of the server share them.</summary>
internal sealed record TaskItem
{
    /// <summary>The task's bare uuid.</summary>
    public Guid Uuid { get; init; }

    /// <summary>The task: not blank, at most 500 characters.</summary>
    public required string TaskName { get; init; }

    /// <summary>Whether it is done.</summary>
    public bool Completed { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When <c>completed</c> was last set.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

internal sealed class TaskStore(DbDataSource readers, WriteQueue writes, TimeProvider clock, IOptions<LimitOptions> limits)
{
    private const int PageSize = 200;

    private const string Columns = "uuid, task_name, completed, created_at, updated_at";

    /// <summary>All tasks, read page by page as the client reads.</summary>
    public async IAsyncEnumerable<TaskItem> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<TaskItem> page;
        Guid? last = null;
        do
        {
            page = await readers.ListAsync<TaskItem>(
                $"""
                SELECT {Columns} FROM tasks
                WHERE position > COALESCE((SELECT position FROM tasks WHERE uuid = @last), 0)
                ORDER BY position LIMIT {PageSize}
                """,
                new { last },
                cancellationToken);
            foreach (var task in page)
            {
                yield return task;
                last = task.Uuid;
            }
        }
        while (page.Count == PageSize);
    }

    /// <returns><see langword="null"/> past the tasks that one user may add.</returns>
    public Task<TaskItem?> AddAsync(UserId creator, string name)
    {
        var task = new
        {
            uuid = Guid.CreateVersion7(),
            name = name.ToBytes(),
            now = clock.GetUtcNow(),
            creator,
            max = limits.Value.MaxTasksPerUser,
        };
        return writes.RunAsync(session => session.Connection().QuerySingleOrDefault<TaskItem>(
            $"""
            INSERT INTO tasks (uuid, task_name, completed, created_at, updated_at, created_by)
            SELECT @uuid, CAST(@name AS utf8_text), FALSE, @now, @now, @creator
            WHERE (SELECT COUNT(*) FROM tasks WHERE created_by = @creator) < @max
            RETURNING {Columns}
            """,
            task));
    }

    /// <returns><see langword="null"/> if there is no such task.</returns>
    public Task<TaskItem?> SetCompletedAsync(Guid uuid, bool completed)
    {
        var change = new { uuid, completed, now = clock.GetUtcNow() };
        return writes.RunAsync(session => session.Connection().QuerySingleOrDefault<TaskItem>(
            $"UPDATE tasks SET completed = @completed, updated_at = @now WHERE uuid = @uuid RETURNING {Columns}",
            change));
    }
}
