using System.Data.Common;
using System.Runtime.CompilerServices;
using Chasqui.Protocol;
using Chasqui.Server.Limits;
using Chasqui.Server.Storage;
using Dapper;
using Microsoft.Extensions.Options;

namespace Chasqui.Server.Tasks;

/// <summary>A task; all users of the server share them.</summary>
internal sealed record TaskItem
{
    /// <summary>The task's bare uuid.</summary>
    public Guid Uuid { get; init; }

    /// <summary>What is to be done: not blank, at most 500 characters.</summary>
    public required string TaskName { get; init; }

    /// <summary>Whether it is done.</summary>
    public bool Completed { get; init; }

    /// <summary>When it was added.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last ticked off or on.</summary>
    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>The tasks.</summary>
internal sealed class TaskStore(DbDataSource readers, WriteQueue writes, TimeProvider clock, IOptions<LimitOptions> limits)
{
    /// <summary>What is read at once.</summary>
    private const int Page = 200;

    private const string Columns = "uuid, task_name, completed, created_at, updated_at";

    /// <summary>All tasks, page by page, at the pace of whoever takes them.</summary>
    public async IAsyncEnumerable<TaskItem> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        IReadOnlyList<TaskItem> page;
        Guid? last = null;
        do
        {
            page = await PageAsync(last, cancellationToken);
            foreach (var task in page)
            {
                yield return task;
                last = task.Uuid;
            }
        }
        while (page.Count == Page);
    }

    /// <returns>The task, or <see langword="null"/> when its creator has added as many as one user may.</returns>
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
        return writes.RunAsync(session => session.Connection.QuerySingleOrDefault<TaskItem>(
            $"""
            INSERT INTO tasks (uuid, task_name, completed, created_at, updated_at, created_by)
            SELECT @uuid, CAST(@name AS utf8_text), FALSE, @now, @now, @creator
            WHERE (SELECT COUNT(*) FROM tasks WHERE created_by = @creator) < @max
            RETURNING {Columns}
            """,
            task));
    }

    /// <returns>The task, or <see langword="null"/> when there is none.</returns>
    public Task<TaskItem?> SetCompletedAsync(Guid uuid, bool completed)
    {
        var change = new { uuid, completed, now = clock.GetUtcNow() };
        return writes.RunAsync(session => session.Connection.QuerySingleOrDefault<TaskItem>(
            $"UPDATE tasks SET completed = @completed, updated_at = @now WHERE uuid = @uuid RETURNING {Columns}",
            change));
    }

    private async Task<IReadOnlyList<TaskItem>> PageAsync(Guid? after, CancellationToken cancellationToken)
    {
        await using var connection = await readers.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<TaskItem>(new CommandDefinition(
            $"""
            SELECT {Columns} FROM tasks
            WHERE position > COALESCE((SELECT position FROM tasks WHERE uuid = @after), 0)
            ORDER BY position LIMIT {Page}
            """,
            new { after },
            cancellationToken: cancellationToken))];
    }
}
